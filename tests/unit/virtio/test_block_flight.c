/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What happens to a disk, its queues and the memory while requests are in flight. */
#include "disk_guest.h"
#include "held_engine.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static guest *const vm = &disk.vm;

static int begin(void **state)
{
    (void)state;
    if (disk_begin(&(abx_virtio_block_config){ .queues = 4, .engine = &held_engine }) != 0)
        return -1;
    for (int i = 0; i < 64; i++) {
        char sector[512];
        memset(sector, 'a' + i, sizeof(sector));
        if (pwrite(disk.file, sector, sizeof(sector), (off_t)i * 512) != sizeof(sector))
            return -1;
    }
    return 0;
}

static bool take(uint32_t queue, uint32_t *length)
{
    uint32_t id;
    return driver_take(&vm->queues[queue], &id, length);
}

/* Waits for interrupts until queue `queue` has given back one. */
static uint32_t await_used(uint32_t queue)
{
    uint32_t length;
    while (!take(queue, &length))
        guest_await_interrupt(vm);
    return length;
}

static uint8_t content_at(uint32_t n)
{
    return disk_content(n)[511];
}

static void requests_end_in_any_order(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_PACKED, F_EVENTS, F_PACKED | F_EVENTS };
    static const uint8_t order[] = { 4, 0, 2, 2, 1, 0 }; /* of those that are left */
    for (size_t kind = 0; kind < 4; kind++) {
        uint8_t left[] = { 0, 1, 2, 3, 4, 5 };
        disk_start(kinds[kind], 1);
        driver_all_interrupts(&vm->queues[0]);
        for (uint32_t n = 0; n < 6; n++) {
            memset(disk_content(n), 0, 512);
            disk_send(0, n, IN, n + kind, 512);
        }
        held_await(6);
        for (uint32_t i = 0; i < 6; i++) {
            uint8_t n = left[order[i]];
            memmove(left + order[i], left + order[i] + 1, 5u - order[i]);
            assert_int_equal(disk_status(n), NO_STATUS);
            held_finish(order[i], 0);
            driver_all_interrupts(&vm->queues[0]);
            assert_int_equal(await_used(0), 513);
            assert_int_equal(disk_status(n), ABX_BLOCK_OK);
            assert_int_equal(content_at(n), 'a' + n + (int)kind);
        }
        assert_int_equal(held_count(), 0);
    }
}

/* 256 are available, 128 are taken, and each that ends makes room for the next. */
static void no_more_than_so_many(void **state)
{
    (void)state;
    enum { EACH = 128, MOST = 128 };
    guest_start(vm, F_VERSION_1, 2, 256);
    const buffer flush[] = { { HEADER, 16, false }, { STATUS, 1, true } }; /* all are the same one */
    disk_put_header(FLUSH, 0);
    for (uint32_t i = 0; i < 2 * EACH; i++)
        guest_send(vm, i / EACH, flush, 2);
    held_await(MOST);
    assert_int_equal(held_count(), MOST);
    for (uint32_t i = 0; i < EACH; i++) {
        held_finish(0, 0);
        held_await(MOST); /* the next one has come */
    }
    for (uint32_t i = 0; i < MOST; i++)
        held_finish(held_count() - 1, 0);
    uint32_t length;
    for (uint32_t used = 0; used < 2 * EACH;) {
        if (take(0, &length) || take(1, &length))
            used++;
        else
            guest_await_interrupt(vm);
    }
    assert_int_equal(held_count(), 0);
}

/* What is written to memory after the reset would be seen by the next driver. */
static void a_reset_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        disk_start(round % 2 ? F_PACKED : 0, 2);
        for (uint32_t n = 0; n < 8; n++)
            disk_send(n % 2, n, round % 3 ? IN : FLUSH, n, round % 3 ? 512 : 0);
        held_await(8);
        unsigned drained = held_drained();
        guest_put(vm, MMIO_STATUS, 0); /* in this thread: nobody else ends them */
        assert_int_equal(held_drained() - drained, 8);
        assert_int_equal(held_count(), 0);
        assert_int_equal(guest_get(vm, MMIO_INTERRUPT_STATUS), 0);
        assert_int_equal(disk_status(7), ABX_BLOCK_OK);
    }
    disk_start(0, 1);
    disk_send(0, 0, IN, 3, 512);
    held_await(1);
    held_finish(0, 0);
    assert_int_equal(await_used(0), 513);
    assert_int_equal(content_at(0), 'a' + 3);
}

static void stopping_one_queue_leaves_the_others(void **state)
{
    (void)state;
    disk_start(0, 3);
    for (uint32_t queue = 0; queue < 3; queue++) {
        driver_all_interrupts(&vm->queues[queue]);
        disk_send(queue, queue, IN, queue, 512);
    }
    held_await(3);
    guest_put(vm, MMIO_QUEUE_SEL, 1);
    guest_put(vm, MMIO_QUEUE_READY, 0);
    assert_int_equal(await_used(0), 513);
    assert_int_equal(await_used(2), 513);
    disk_send(1, 1, IN, 1, 512); /* not taken */
    disk_send(2, 2, IN, 9, 512);
    held_await(1);
    held_finish(0, 0);
    driver_all_interrupts(&vm->queues[2]);
    assert_int_equal(await_used(2), 513);
    assert_int_equal(content_at(2), 'a' + 9);
    assert_int_equal(held_count(), 0);
}

static void a_pause_waits_and_takes_nothing(void **state)
{
    (void)state;
    const abx_device *device = &vm->host.device;
    disk_start(0, 2);
    for (uint32_t n = 0; n < 6; n++)
        disk_send(n % 2, n, IN, n, 512);
    held_await(6);
    device->ops->pause(device->object);
    assert_int_equal(held_drained(), 6);
    for (uint32_t n = 0; n < 6; n++)
        assert_int_equal(content_at(n), 'a' + n);
    for (uint32_t n = 0; n < 6; n++)
        assert_int_not_equal(await_used(n % 2), 0);
    disk_send(0, 7, IN, 7, 512);
    device->ops->pause(device->object); /* counts */
    device->ops->resume(device->object);
    assert_int_equal(held_count(), 0);
    device->ops->resume(device->object);
    held_await(1);
    held_finish(0, 0);
    driver_all_interrupts(&vm->queues[0]);
    assert_int_equal(await_used(0), 513);
    assert_int_equal(content_at(7), 'a' + 7);
}

/* Of a machine that ends as it is. */
static void the_device_goes_with_requests_in_flight(void **state)
{
    (void)state;
    disk_start(0, 2);
    for (uint32_t n = 0; n < 6; n++)
        disk_send(n % 2, n, IN, n, 512);
    held_await(6);
    abx_loop_stop(vm->host.loop);
    vm->host.device.ops->free(vm->host.device.object);
    vm->host.device = (abx_device){ 0 };
    assert_int_equal(held_count(), 0);
    assert_int_equal(content_at(5), 'a' + 5);
}

static _Atomic bool ended;

static void *remove_region(void *argument)
{
    assert_int_equal(abx_memory_remove(argument, SECOND), ABX_OK);
    assert_true(ended);
    return NULL;
}

static bool is_there(abx_gpa gpa)
{
    abx_memory_guard stay = abx_memory_enter(vm->vm);
    const void *at = abx_memory_at(vm->vm, gpa, 1, false);
    abx_memory_leave(vm->vm, stay);
    return at;
}

static void memory_stays_until_the_request_ends(void **state)
{
    (void)state;
    pthread_t remover;
    disk_start(0, 1);
    driver_all_interrupts(&vm->queues[0]);
    disk_put_header(IN, 2);
    const buffer buffers[] = { { HEADER, 16, false }, { SECOND, 512, true }, { STATUS, 1, true } };
    guest_send(vm, 0, buffers, 3);
    held_await(1);
    ended = false;
    assert_int_equal(pthread_create(&remover, NULL, remove_region, vm->vm), 0);
    while (is_there(SECOND))
        sched_yield();
    ended = true;
    held_finish(0, 0); /* into memory that the guest has lost */
    assert_int_equal(await_used(0), 513);
    assert_int_equal(pthread_join(remover, NULL), 0);
}

/* The last buffer of a chain is not there: the queue is broken while others of it are in flight. */
static void a_queue_that_breaks_drops_what_ends_later(void **state)
{
    (void)state;
    uint32_t length;
    disk_start(0, 2);
    driver_all_interrupts(&vm->queues[1]);
    disk_send(0, 0, IN, 0, 512);
    disk_send(1, 1, IN, 1, 512);
    held_await(2);
    const buffer wrong[] = { { HEADER, 16, false }, { 0x7fff0000, 512, true } };
    guest_send(vm, 0, wrong, 2);
    await_level(&vm->host, LINE, true);
    assert_int_equal(guest_get(vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    guest_put(vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    held_finish(0, 0);
    held_finish(0, 0);
    assert_int_equal(await_used(1), 513);
    assert_int_equal(content_at(1), 'b');
    assert_false(take(0, &length));
}

static void fail_once(uint32_t type, int error)
{
    driver_all_interrupts(&vm->queues[0]);
    disk_send(0, 0, type, 0, type == FLUSH ? 0 : 512);
    held_await(1);
    held_finish(0, error);
    await_used(0);
    assert_int_equal(disk_status(0), error ? ABX_BLOCK_IOERR : ABX_BLOCK_OK);
}

static void failures_are_told_once(void **state)
{
    (void)state;
    char expected[96];
    const fake_host *host = &vm->host;
    disk_start(0, 1);
    for (int i = 0; i < 3; i++)
        fail_once(OUT, ENOSPC);
    assert_int_equal(host->told, 1);
    assert_int_equal(host->event, ABX_EVENT_DISK_ERROR);
    assert_int_equal(host->event_code, ENOSPC);
    snprintf(expected, sizeof(expected), "%s: write: No space left on device", disk.path + strlen("/tmp/"));
    assert_string_equal(host->text, expected);
    fail_once(IN, 0);
    fail_once(OUT, EIO);
    assert_int_equal(host->told, 1);
    fail_once(FLUSH, EIO);
    assert_int_equal(host->told, 2);
    fail_once(OUT, 0);
    fail_once(OUT, ENOSPC);
    assert_int_equal(host->told, 3);
}

static void what_was_done_is_counted(void **state)
{
    (void)state;
    abx_device_counters counters;
    const abx_device *device = &vm->host.device;
    disk_start(0, 1);
    fail_once(OUT, 0);
    fail_once(IN, 0);
    fail_once(IN, 0);
    fail_once(IN, EIO);
    fail_once(FLUSH, 0);
    memset(&counters, 0x5a, sizeof(counters));
    device->ops->count(device->object, &counters);
    assert_int_equal(counters.operations, 5);
    assert_int_equal(counters.errors, 1);
    assert_int_equal(counters.bytes_read, 1024);
    assert_int_equal(counters.bytes_written, 512);
    assert_int_equal(counters.interrupts, 5);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, disk_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_end_in_any_order),
        TEST(no_more_than_so_many),
        TEST(a_reset_waits_for_what_is_in_flight),
        TEST(stopping_one_queue_leaves_the_others),
        TEST(a_pause_waits_and_takes_nothing),
        TEST(the_device_goes_with_requests_in_flight),
        TEST(memory_stays_until_the_request_ends),
        TEST(a_queue_that_breaks_drops_what_ends_later),
        TEST(failures_are_told_once),
        TEST(what_was_done_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
