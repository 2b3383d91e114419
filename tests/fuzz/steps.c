/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "steps.h"

#include <string.h>

uint64_t input_take(input *self, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width && self->length > 0; i++, self->bytes++, self->length--)
        value |= (uint64_t)*self->bytes << (8 * i);
    return value;
}

void steps_begin(guest *vm)
{
    memset(guest_at(vm, RINGS), 0, STEPS_SPACE);
    memset(guest_at(vm, DATA), 0, STEPS_SPACE);
}

static void put_descriptor(driver *queue, input *in)
{
    uint64_t place = input_take(in, 1); /* entry, and whether in a table */
    uint64_t where = input_take(in, 2);
    uint16_t length = (uint16_t)input_take(in, 2);
    uint16_t flags = (uint16_t)(input_take(in, 1) & 0x87);
    uint16_t tail = (uint16_t)(input_take(in, 1) % (STEPS_SIZE + 1));
    abx_gpa address = where & 1 ? SECOND - (where >> 4) : DATA + where;
    if (queue->layout.packed && !(flags & 0x80))
        flags |= driver_marks(queue);
    driver_put(queue, place & 0x80 ? DATA : queue->layout.descriptors, place % STEPS_SIZE, address, length, flags,
               tail);
}

static void make_available(driver *queue, input *in)
{
    if (!queue->layout.packed) {
        driver_put_available(queue, queue->next, (uint16_t)(input_take(in, 1) % (STEPS_SIZE + 1)));
        driver_set_index(queue, ++queue->next);
    } else if (++queue->next == STEPS_SIZE) {
        queue->next = 0;
        queue->wrap = !queue->wrap;
    }
}

bool steps_take(guest *vm, uint32_t index, uint8_t what, input *in)
{
    uint8_t size = (uint8_t)(1u << (what >> 4 & 3));
    uint64_t offset;
    switch (what & 7) {
    case 0:
        offset = input_take(in, 2) % ABX_VIRTIO_MMIO_SIZE;
        guest_store(&vm->host, WINDOW + offset, size, input_take(in, size));
        return true;
    case 1:
        guest_load(&vm->host, WINDOW + input_take(in, 2) % ABX_VIRTIO_MMIO_SIZE, size);
        return true;
    case 2:
        offset = input_take(in, 2);
        *guest_at(vm, RINGS + offset) = (uint8_t)input_take(in, 1);
        return true;
    case 3:
        guest_put(vm, ABX_VIRTIO_MMIO_NOTIFY, index);
        return true;
    case 4:
        put_descriptor(&vm->queues[index], in);
        return true;
    case 5:
        make_available(&vm->queues[index], in);
        return true;
    default:
        return false;
    }
}
