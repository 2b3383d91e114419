/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio_device.h"

#include "board.h"

enum {
    /* 4.2.2 */
    MAGIC = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SELECT = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SELECT = 0x024,
    QUEUE_SELECT = 0x030,
    QUEUE_SIZE_MAX = 0x034,
    QUEUE_SIZE_NOW = 0x038,
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACKNOWLEDGE = 0x064,
    STATUS = 0x070,
    QUEUE_DESCRIPTORS = 0x080,
    QUEUE_DRIVER = 0x090,
    QUEUE_DEVICE = 0x0a0,

    /* 2.1 */
    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
};

/* Chapter 6. */
#define F_INDIRECT  (1ull << 28)
#define F_EVENTS    (1ull << 29)
#define F_VERSION_1 (1ull << 32)
#define F_PACKED    (1ull << 34)

static uint32_t get(const virtio_device *device, uint32_t offset)
{
    return read32(device->registers + offset);
}

static void put(const virtio_device *device, uint32_t offset, uint32_t value)
{
    write32(device->registers + offset, value);
}

static void put_address(const virtio_device *device, uint32_t offset, const void *address)
{
    put(device, offset, (uint32_t)(uint64_t)address);
    put(device, offset + 4, (uint32_t)((uint64_t)address >> 32));
}

bool virtio_find(virtio_device *device, uint32_t slot, virtio_queue *queues)
{
    *device = (virtio_device){ .registers = board_registers(slot), .queues = queues };
    if (get(device, MAGIC) != 0x74726976 || get(device, VERSION) != 2)
        return false;
    device->id = get(device, DEVICE_ID);
    board_open_line(slot);
    return device->id != 0;
}

static uint64_t offered(const virtio_device *device)
{
    put(device, DEVICE_FEATURES_SELECT, 1);
    uint64_t high = get(device, DEVICE_FEATURES);
    put(device, DEVICE_FEATURES_SELECT, 0);
    return high << 32 | get(device, DEVICE_FEATURES);
}

static void add_status(const virtio_device *device, uint32_t bits)
{
    put(device, STATUS, get(device, STATUS) | bits);
    CHECK((get(device, STATUS) & bits) == bits);
}

void virtio_negotiate(virtio_device *device, uint64_t wanted)
{
    virtio_reset(device);
    add_status(device, STATUS_ACKNOWLEDGE);
    add_status(device, STATUS_DRIVER);
    device->features = offered(device) & (wanted | F_VERSION_1);
    CHECK(device->features & F_VERSION_1);
    put(device, DRIVER_FEATURES_SELECT, 0);
    put(device, DRIVER_FEATURES, (uint32_t)device->features);
    put(device, DRIVER_FEATURES_SELECT, 1);
    put(device, DRIVER_FEATURES, (uint32_t)(device->features >> 32));
    add_status(device, STATUS_FEATURES_OK);
}

static void set_queue(virtio_device *device, uint32_t index)
{
    virtio_queue *queue = &device->queues[index];
    queue_init(queue, device->features & F_PACKED, device->features & F_INDIRECT, device->features & F_EVENTS);
    put(device, QUEUE_SELECT, index);
    CHECK(get(device, QUEUE_READY) == 0);
    CHECK(get(device, QUEUE_SIZE_MAX) >= QUEUE_SIZE);
    put(device, QUEUE_SIZE_NOW, QUEUE_SIZE);
    put_address(device, QUEUE_DESCRIPTORS, queue->descriptors);
    put_address(device, QUEUE_DRIVER, queue->driver);
    put_address(device, QUEUE_DEVICE, queue->device);
    put(device, QUEUE_READY, 1);
}

void virtio_go(virtio_device *device, uint32_t queues)
{
    for (uint32_t i = 0; i < queues; i++)
        set_queue(device, i);
    device->interrupts = 0;
    add_status(device, STATUS_DRIVER_OK);
}

void virtio_reset(virtio_device *device)
{
    put(device, STATUS, 0);
    while (get(device, STATUS) != 0)
        ;
}

uint32_t virtio_status(const virtio_device *device)
{
    return get(device, STATUS);
}

void virtio_force_notify(virtio_device *device, uint32_t queue)
{
    put(device, QUEUE_NOTIFY, queue);
}

void virtio_notify(virtio_device *device, uint32_t queue)
{
    if (queue_wants_notification(&device->queues[queue]))
        virtio_force_notify(device, queue);
}

uint32_t virtio_await(virtio_device *device, uint32_t queue, uint32_t *length)
{
    uint32_t id;
    while (!queue_take(&device->queues[queue], &id, length))
        board_wait();
    return id;
}

uint32_t virtio_request(virtio_device *device, uint32_t queue, const virtio_buffer *buffers, uint32_t count)
{
    uint32_t length;
    uint32_t id = queue_add(&device->queues[queue], buffers, count);
    virtio_notify(device, queue);
    CHECK(virtio_await(device, queue, &length) == id);
    return length;
}

void virtio_interrupt(virtio_device *device)
{
    uint32_t bits = get(device, INTERRUPT_STATUS);
    put(device, INTERRUPT_ACKNOWLEDGE, bits);
    device->interrupts |= bits;
    device->count++;
}
