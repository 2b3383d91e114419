/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio_balloon.h"
#include "board.h"
#include "virtio.h"

enum { PAGE = 4096, STATISTICS_QUEUE = 2, HINT_QUEUE, REPORT_QUEUE };
enum { NUM_PAGES = DEVICE_CONFIG, ACTUAL = DEVICE_CONFIG + 4, COMMAND_ID = DEVICE_CONFIG + 8 };

#define MARK 0x7061676500000001ull

/* Whole pages of the host's, of whatever size. */
static uint8_t spare[SPARE_PAGES][PAGE] __attribute__((aligned(0x10000)));
static uint32_t numbers[SPARE_PAGES];
static uint8_t statistics[10];

static volatile uint64_t *word_of(uint32_t page)
{
    return (volatile uint64_t *)spare[page];
}

static uint32_t touch(void)
{
    for (uint32_t i = 0; i < SPARE_PAGES; i++)
        *word_of(i) = MARK + i;
    return SPARE_PAGES;
}

static uint32_t touched(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < SPARE_PAGES; i++) {
        CHECK(*word_of(i) == MARK + i || *word_of(i) == 0);
        count += *word_of(i) != 0;
    }
    return count;
}

/* From the last one down, as they may come. */
static uint32_t give(virtio_device *device)
{
    uint32_t queue = board_hear();
    uint32_t first = board_hear();
    uint32_t count = board_hear();
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)((uintptr_t)spare[first + count - 1 - i] / PAGE);
    const virtio_buffer list = { numbers, count * 4, false };
    return virtio_request(device, queue, &list, 1);
}

static uint32_t report(virtio_device *device)
{
    uint32_t first = board_hear();
    uint32_t count = board_hear();
    const virtio_buffer pages = { spare[first], count * PAGE, true };
    return virtio_request(device, REPORT_QUEUE, &pages, 1);
}

static uint32_t keep(virtio_device *device)
{
    write32(device->registers + ACTUAL, board_hear());
    return read32(device->registers + NUM_PAGES);
}

/* One of them: 6 is what is available (5.5.6.4). */
static uint32_t tell(virtio_device *device)
{
    uint32_t available = board_hear();
    statistics[0] = 6;
    for (uint32_t i = 0; i < 4; i++)
        statistics[2 + i] = (uint8_t)(available >> 8 * i);
    const virtio_buffer buffer = { statistics, sizeof(statistics), false };
    queue_add(&device->queues[STATISTICS_QUEUE], &buffer, 1);
    virtio_notify(device, STATISTICS_QUEUE);
    return 0;
}

static uint32_t await_question(virtio_device *device)
{
    uint32_t length;
    virtio_await(device, STATISTICS_QUEUE, &length);
    return length;
}

static uint32_t command(virtio_device *device)
{
    return read32(device->registers + COMMAND_ID);
}

static void send_command(virtio_device *device, uint32_t id)
{
    static uint32_t word;
    const virtio_buffer buffer = { &word, sizeof(word), false };
    word = id;
    virtio_request(device, HINT_QUEUE, &buffer, 1);
}

/* Ids begin after STOP, 0, and DONE, 1: section 5.5.6.5. */
static uint32_t hint(virtio_device *device)
{
    uint32_t first = board_hear();
    uint32_t count = board_hear();
    while (command(device) < 2)
        ;
    uint32_t id = command(device);
    send_command(device, id);
    for (uint32_t i = 0; i < count; i++) {
        const virtio_buffer page = { spare[first + i], PAGE, true };
        virtio_request(device, HINT_QUEUE, &page, 1);
    }
    send_command(device, 0);
    return id;
}

uint32_t balloon_carry_out(virtio_device *device, uint32_t order)
{
    switch (order) {
    case SPARE:
        return (uint32_t)((uintptr_t)spare[0] / PAGE);
    case TOUCH:
        return touch();
    case TOUCHED:
        return touched();
    case GIVE:
        return give(device);
    case REPORT:
        return report(device);
    case KEEP:
        return keep(device);
    case TELL:
        return tell(device);
    case AWAIT_QUESTION:
        return await_question(device);
    case HINT:
        return hint(device);
    case COMMAND:
        return command(device);
    default:
        board_exit(__LINE__);
    }
}
