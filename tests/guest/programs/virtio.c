/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest of a whole machine that drives virtio devices as the test orders. */
#include "virtio.h"
#include "board.h"
#include "virtio_balloon.h"
#include "virtio_requests.h"

enum { PAINT = 0xa5 };

#define NOWHERE ((const void *)0xfffffffff000ul)

static virtio_device devices[BOARD_SLOTS];
static virtio_queue queues[BOARD_SLOTS][DEVICE_QUEUES];
static uint64_t wanted[BOARD_SLOTS];
static uint32_t sent[BOARD_SLOTS];

void board_interrupt(uint32_t slot)
{
    virtio_interrupt(&devices[slot]);
}

static void start(uint32_t slot)
{
    virtio_negotiate(&devices[slot], wanted[slot]);
    virtio_go(&devices[slot], devices[slot].id == ID_BALLOON ? BALLOON_QUEUES : 1);
    sent[slot] = 0;
}

/* 28: indirect, 29: event index, 34: packed. */
static uint64_t features_of(uint32_t with)
{
    const uint64_t flush = 1ull << 9; /* 5.2.3 */
    return flush | (with & WITH_PACKED ? 1ull << 34 : 0) | (with & WITH_INDIRECT ? 1ull << 28 : 0) |
           (with & WITH_EVENTS ? 1ull << 29 : 0);
}

static uint32_t open(uint32_t slot)
{
    wanted[slot] = features_of(board_hear());
    if (!virtio_find(&devices[slot], slot, queues[slot]))
        return 0;
    if (devices[slot].id == ID_BALLOON)
        wanted[slot] |= BALLOON_FEATURES;
    start(slot);
    CHECK((devices[slot].features & wanted[slot] & ~features_of(0)) == (wanted[slot] & ~features_of(0)));
    return devices[slot].id;
}

/* 2.1.2: it says so by an interrupt for a change of its configuration. */
static uint32_t break_queue(virtio_device *device)
{
    const virtio_buffer buffers[] = { { NOWHERE, DATA, true }, { NOWHERE, DATA, true } };
    queue_add(&device->queues[0], buffers, 2);
    virtio_force_notify(device, 0);
    while (!(device->interrupts & INTERRUPT_CONFIG))
        board_wait();
    return virtio_status(device);
}

static uint32_t send(uint32_t slot, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        request_send(&devices[slot], sent[slot]++ % REQUESTS);
    return count;
}

static uint32_t collect(uint32_t slot)
{
    uint32_t length, count = sent[slot];
    for (; sent[slot] > 0; sent[slot]--)
        virtio_await(&devices[slot], 0, &length);
    return count;
}

static void paint(uint32_t count)
{
    for (uint32_t n = 0; n < count; n++) {
        for (uint32_t i = 0; i < DATA / 8; i++)
            ((volatile uint64_t *)request_data(n))[i] = PAINT * 0x0101010101010101ull;
    }
}

static uint32_t stains(uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t n = 1; n < count; n++) { /* the first one is that of the last request */
        for (uint32_t i = 0; i < DATA / 8; i++)
            found += ((volatile uint64_t *)request_data(n))[i] != PAINT * 0x0101010101010101ull;
    }
    return found;
}

/* 2.1.2 and 4.2.2.1: after a reset the device touches nothing, and nothing of what it was doing comes out later. */
static uint32_t send_and_reset(uint32_t slot, uint32_t count)
{
    virtio_device *device = &devices[slot];
    uint32_t turns = board_hear();
    send(slot, count);
    while (turns-- > 0)
        memory_barrier();
    virtio_reset(device);
    paint(count);
    start(slot);
    if (device->id == ID_BLOCK)
        CHECK(block_flush(device) == 0);
    else
        CHECK(request_fill(device, 1) == 1);
    return stains(count);
}

/* A device that gives nothing but zeros is none. */
static uint32_t fill(virtio_device *device, uint32_t length)
{
    uint8_t any = 0;
    for (uint32_t i = 0; i < length; i++)
        request_data(0)[i] = 0;
    uint32_t got = request_fill(device, length);
    for (uint32_t i = 0; i < got; i++)
        any |= ((volatile uint8_t *)request_data(0))[i];
    return any ? got : 0;
}

static uint32_t transfer(virtio_device *device, uint32_t order)
{
    uint32_t sector = board_hear();
    uint32_t sectors = board_hear();
    uint32_t seed = board_hear();
    return (order == WRITE ? block_write : block_read)(device, sector, sectors, seed);
}

static uint32_t carry_out(uint32_t order, uint32_t slot)
{
    virtio_device *device = &devices[slot];
    switch (order) {
    case OPEN:
        return open(slot);
    case RESET:
        virtio_reset(device);
        return virtio_status(device);
    case STATUS:
        return virtio_status(device);
    case INTERRUPTS:
        return device->count;
    case BREAK:
        return break_queue(device);
    case SEND:
        return send(slot, board_hear());
    case COLLECT:
        return collect(slot);
    case SEND_AND_RESET:
        return send_and_reset(slot, board_hear());
    case FILL:
        return fill(device, board_hear());
    case CAPACITY:
        return block_capacity(device);
    case IDENTIFY:
        return block_identify(device);
    case WRITE:
    case READ:
        return transfer(device, order);
    case FLUSH:
        return block_flush(device);
    default:
        return balloon_carry_out(device, order);
    }
}

void guest_main(void)
{
    board_init();
    for (;;) {
        uint32_t order = board_hear();
        if (order == FINISH)
            board_exit(0);
        uint32_t slot = board_hear();
        board_say(carry_out(order, slot));
    }
}
