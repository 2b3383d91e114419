/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "driver.h"

#include "fake_manual.h"

#include <string.h>

static void add(abx_vm *vm, abx_gpa gpa, uint64_t length, uint32_t flags)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = gpa;
    region.length = length;
    region.flags = flags;
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
}

abx_vm *driver_vm(void)
{
    abx_vm *vm = fake_manual_vm(1);
    add(vm, RAM, RAM_SIZE, 0);
    add(vm, SECOND, SECOND_SIZE, 0);
    add(vm, ROM, ROM_SIZE, ABX_MEMORY_READ_ONLY);
    return vm;
}

uint8_t *driver_at(const driver *self, abx_gpa gpa)
{
    return self->ram + (gpa - RAM);
}

static uint16_t get16(const uint8_t *at)
{
    return __atomic_load_n((const uint16_t *)at, __ATOMIC_SEQ_CST);
}

static void set16(uint8_t *at, uint16_t value)
{
    __atomic_store_n((uint16_t *)at, value, __ATOMIC_SEQ_CST);
}

static uint32_t get32(const uint8_t *at)
{
    return __atomic_load_n((const uint32_t *)at, __ATOMIC_SEQ_CST);
}

void driver_init(driver *self, abx_vm *vm, uint32_t size, bool packed, bool indirect, bool event_index)
{
    driver_init_at(self, vm, RINGS, size, packed, indirect, event_index);
}

void driver_init_at(driver *self, abx_vm *vm, abx_gpa rings, uint32_t size, bool packed, bool indirect,
                    bool event_index)
{
    abx_memory_info info;
    size_t count;
    assert_int_equal(abx_memory_list(vm, &info, 1, &count), ABX_OK);
    assert_int_equal(info.gpa, RAM);
    memset(self, 0, sizeof(*self));
    self->ram = info.host;
    self->free = size;
    self->wrap = self->used_wrap = true;
    self->layout = (abx_virtqueue_layout){
        .size = size,
        .packed = packed,
        .indirect = indirect,
        .event_index = event_index,
        .descriptors = rings,
        .driver = rings + UINT64_C(16) * size,
    };
    uint64_t device = self->layout.driver + (packed ? 4 : 6 + UINT64_C(2) * size);
    self->layout.device = (device + 3) & ~UINT64_C(3);
    memset(driver_at(self, self->layout.descriptors), 0,
           self->layout.device + 6 + 8 * (size_t)size - self->layout.descriptors);
    for (uint32_t i = 0; !packed && i < size; i++)
        driver_put(self, self->layout.descriptors, i, 0, 0, 0, (uint16_t)(i + 1));
}

void driver_put(driver *self, abx_gpa table, uint32_t index, uint64_t address, uint32_t length, uint16_t flags,
                uint16_t tail)
{
    uint8_t *at = driver_at(self, table) + (size_t)index * 16;
    memcpy(at, &address, 8);
    memcpy(at + 8, &length, 4);
    memcpy(at + (self->layout.packed ? 12 : 14), &tail, 2);
    uint8_t *flags_at = at + (self->layout.packed ? 14 : 12);
    if (table == self->layout.descriptors)
        set16(flags_at, flags); /* what the device looks at first in a packed ring */
    else
        memcpy(flags_at, &flags, 2); /* tables may be at any address */
}

void driver_put_available(driver *self, uint16_t index, uint16_t head)
{
    set16(driver_at(self, self->layout.driver) + 4 + 2 * (size_t)(index % self->layout.size), head);
}

void driver_set_index(driver *self, uint16_t index)
{
    set16(driver_at(self, self->layout.driver) + 2, index);
}

uint16_t driver_marks(const driver *self)
{
    return self->wrap ? F_AVAILABLE : F_USED;
}

static uint16_t flags_of(const buffer *buffers, uint32_t i, uint32_t count)
{
    return (uint16_t)((buffers[i].writable ? F_WRITE : 0) | (i + 1 < count ? F_NEXT : 0));
}

static int add_split(driver *self, const buffer *buffers, uint32_t count, abx_gpa table)
{
    uint16_t head = self->first_free, index = head;
    uint32_t entries = table ? 1 : count;
    for (uint32_t i = 0; i < entries; i++) {
        uint16_t next;
        memcpy(&next, driver_at(self, self->layout.descriptors) + (size_t)index * 16 + 14, 2);
        if (table)
            driver_put(self, self->layout.descriptors, index, table, count * 16, F_INDIRECT, next);
        else
            driver_put(self, self->layout.descriptors, index, buffers[i].gpa, buffers[i].length,
                       flags_of(buffers, i, count), next);
        index = next;
    }
    for (uint32_t i = 0; table && i < count; i++)
        driver_put(self, table, i, buffers[i].gpa, buffers[i].length, flags_of(buffers, i, count), (uint16_t)(i + 1));
    self->first_free = index;
    self->free -= entries;
    self->entries[head] = (uint16_t)entries;
    driver_put_available(self, self->next, head);
    driver_set_index(self, ++self->next);
    return head;
}

static int add_packed(driver *self, const buffer *buffers, uint32_t count, abx_gpa table)
{
    uint32_t entries = table ? 1 : count;
    uint16_t first = self->next, first_flags = 0, id = 0;
    while (self->entries[id] > 0)
        id++;
    for (uint32_t i = 0; table && i < count; i++)
        driver_put(self, table, i, buffers[i].gpa, buffers[i].length, buffers[i].writable ? F_WRITE : 0, 0xdead);
    for (uint32_t i = 0; i < entries; i++) {
        buffer one = table ? (buffer){ table, count * 16, false } : buffers[i];
        uint16_t flags = (uint16_t)((table ? F_INDIRECT : flags_of(buffers, i, count)) | driver_marks(self));
        /* The first one becomes available last. */
        driver_put(self, self->layout.descriptors, self->next, one.gpa, one.length,
                   i == 0 ? (uint16_t)(flags ^ F_AVAILABLE) : flags, id);
        if (i == 0)
            first_flags = flags;
        if (++self->next == self->layout.size) {
            self->next = 0;
            self->wrap = !self->wrap;
        }
    }
    self->free -= entries;
    self->entries[id] = (uint16_t)entries;
    set16(driver_at(self, self->layout.descriptors) + (size_t)first * 16 + 14, first_flags);
    return id;
}

int driver_add(driver *self, const buffer *buffers, uint32_t count, abx_gpa table)
{
    if ((table ? 1 : count) > self->free)
        return -1;
    return (self->layout.packed ? add_packed : add_split)(self, buffers, count, table);
}

static bool take_split(driver *self, uint32_t *id, uint32_t *length)
{
    uint8_t *ring = driver_at(self, self->layout.device);
    if (get16(ring + 2) == self->next_used)
        return false;
    uint8_t *place = ring + 4 + 8 * (size_t)(self->next_used++ % self->layout.size);
    *id = get32(place);
    *length = get32(place + 4);
    /* The chain goes back to the front of the list. */
    assert_true(*id < self->layout.size);
    uint8_t *last = driver_at(self, self->layout.descriptors) + (size_t)*id * 16;
    for (uint32_t i = 1; i < self->entries[*id]; i++) {
        uint16_t next;
        memcpy(&next, last + 14, 2);
        last = driver_at(self, self->layout.descriptors) + (size_t)next * 16;
    }
    memcpy(last + 14, &self->first_free, 2);
    self->first_free = (uint16_t)*id;
    return true;
}

static bool take_packed(driver *self, uint32_t *id, uint32_t *length)
{
    uint8_t *place = driver_at(self, self->layout.descriptors) + (size_t)self->next_used * 16;
    uint16_t flags = get16(place + 14);
    if (!(flags & F_AVAILABLE) != !(flags & F_USED) || !!(flags & F_USED) != self->used_wrap)
        return false;
    *id = get16(place + 12);
    *length = flags & F_WRITE ? get32(place + 8) : 0;
    assert_true(*id < self->layout.size);
    self->next_used = (uint16_t)(self->next_used + self->entries[*id]);
    if (self->next_used >= self->layout.size) {
        self->next_used = (uint16_t)(self->next_used - self->layout.size);
        self->used_wrap = !self->used_wrap;
    }
    return true;
}

bool driver_take(driver *self, uint32_t *id, uint32_t *length)
{
    if (!(self->layout.packed ? take_packed : take_split)(self, id, length))
        return false;
    assert_int_not_equal(self->entries[*id], 0); /* it was out */
    self->free += self->entries[*id];
    self->entries[*id] = 0;
    return true;
}

bool driver_should_kick(const driver *self, uint16_t added)
{
    const uint8_t *device = driver_at(self, self->layout.device);
    if (!self->layout.packed) {
        if (!self->layout.event_index)
            return !(get16(device) & 1);
        uint16_t event = get16(device + 4 + 8 * (size_t)self->layout.size);
        return (uint16_t)(self->next - event - 1) < added;
    }
    uint16_t flags = get16(device + 2);
    if (flags != 2)
        return flags == 0;
    uint16_t position = get16(device);
    int event = position & 0x7fff;
    if (!!(position & 0x8000) != self->wrap)
        event -= (int)self->layout.size;
    return (uint16_t)(self->next - event - 1) < added;
}

void driver_no_interrupts(driver *self)
{
    uint8_t *area = driver_at(self, self->layout.driver);
    if (self->layout.packed)
        set16(area + 2, 1);
    else if (self->layout.event_index)
        set16(area + 4 + 2 * (size_t)self->layout.size, (uint16_t)(self->next_used - 1));
    else
        set16(area, 1);
}

void driver_all_interrupts(driver *self)
{
    uint8_t *area = driver_at(self, self->layout.driver);
    if (self->layout.packed)
        set16(area + 2, 0);
    else if (self->layout.event_index)
        set16(area + 4 + 2 * (size_t)self->layout.size, self->next_used);
    else
        set16(area, 0);
}

void driver_interrupt_after(driver *self, uint16_t after)
{
    uint8_t *area = driver_at(self, self->layout.driver);
    if (!self->layout.packed) {
        set16(area + 4 + 2 * (size_t)self->layout.size, (uint16_t)(self->next_used + after - 1));
        return;
    }
    uint32_t position = self->next_used + after - 1u;
    bool wrap = self->used_wrap;
    if (position >= self->layout.size) {
        position -= self->layout.size;
        wrap = !wrap;
    }
    set16(area, (uint16_t)(position | (wrap ? 0x8000u : 0)));
    set16(area + 2, 2);
}
