/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"

#include "fake_manual.h"

#include <string.h>

enum { QUEUE_SPACE = 0x20000 };

void guest_begin(guest *self)
{
    memset(self, 0, sizeof(*self));
    self->vm = driver_vm();
    fake_host_init(&self->host);
    driver_init(&self->queues[0], self->vm, 8, false, false, false);
}

abx_device_host guest_interface(guest *self)
{
    abx_device_host interface = fake_host_interface(&self->host, true);
    interface.vm = self->vm;
    return interface;
}

void guest_end(guest *self)
{
    fake_host_end(&self->host);
    fake_manual_end(self->vm);
}

uint32_t guest_get(guest *self, uint64_t offset)
{
    return (uint32_t)guest_load(&self->host, WINDOW + offset, 4);
}

void guest_put(guest *self, uint64_t offset, uint32_t value)
{
    guest_store(&self->host, WINDOW + offset, 4, value);
}

uint64_t guest_offered(guest *self)
{
    guest_put(self, MMIO_DEVICE_FEATURES_SEL, 1);
    uint64_t high = guest_get(self, MMIO_DEVICE_FEATURES);
    guest_put(self, MMIO_DEVICE_FEATURES_SEL, 0);
    return high << 32 | guest_get(self, MMIO_DEVICE_FEATURES);
}

bool guest_negotiate(guest *self, uint64_t features)
{
    guest_put(self, MMIO_STATUS, 0);
    assert_int_equal(guest_get(self, MMIO_STATUS), 0);
    guest_put(self, MMIO_STATUS, STATUS_ACKNOWLEDGE);
    guest_put(self, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    for (uint32_t i = 0; i < 2; i++) {
        guest_put(self, MMIO_DRIVER_FEATURES_SEL, i);
        guest_put(self, MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32 * i));
    }
    guest_put(self, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    return guest_get(self, MMIO_STATUS) & STATUS_FEATURES_OK;
}

void guest_set_queue(guest *self, uint32_t index, uint32_t size, uint64_t features)
{
    driver *queue = &self->queues[index];
    driver_init_at(queue, self->vm, RINGS + (abx_gpa)index * QUEUE_SPACE, size, features & F_PACKED,
                   features & F_TABLES, features & F_EVENTS);
    guest_put(self, MMIO_QUEUE_SEL, index);
    guest_put(self, MMIO_QUEUE_NUM, size);
    const uint64_t areas[3] = { queue->layout.descriptors, queue->layout.driver, queue->layout.device };
    for (uint32_t i = 0; i < 3; i++) {
        guest_put(self, MMIO_QUEUE_DESC_LOW + 0x10 * (uint64_t)i, (uint32_t)areas[i]);
        guest_put(self, MMIO_QUEUE_DESC_HIGH + 0x10 * (uint64_t)i, (uint32_t)(areas[i] >> 32));
    }
    guest_put(self, MMIO_QUEUE_READY, 1);
    assert_int_equal(guest_get(self, MMIO_QUEUE_READY), 1);
}

void guest_start(guest *self, uint64_t features, uint32_t count, uint32_t size)
{
    assert_true(guest_negotiate(self, features));
    for (uint32_t i = 0; i < count; i++)
        guest_set_queue(self, i, size, features);
    guest_put(self, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    assert_int_equal(guest_get(self, MMIO_STATUS), 15);
}

void guest_send(guest *self, uint32_t index, const buffer *buffers, uint32_t count)
{
    assert_true(driver_add(&self->queues[index], buffers, count, 0) >= 0);
    guest_put(self, ABX_VIRTIO_MMIO_NOTIFY, index);
}

void guest_await_interrupt(guest *self)
{
    await_level(&self->host, LINE, true);
    uint32_t status = guest_get(self, MMIO_INTERRUPT_STATUS);
    assert_int_equal(status, INTERRUPT_USED);
    guest_put(self, MMIO_INTERRUPT_ACK, status);
}

uint32_t guest_request(guest *self, uint32_t index, const buffer *buffers, uint32_t count)
{
    uint32_t id, length;
    driver_all_interrupts(&self->queues[index]);
    guest_send(self, index, buffers, count);
    guest_await_interrupt(self);
    assert_true(driver_take(&self->queues[index], &id, &length));
    return length;
}

uint8_t *guest_at(guest *self, abx_gpa gpa)
{
    return driver_at(&self->queues[0], gpa);
}
