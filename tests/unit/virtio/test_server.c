/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"

#include "virtio/server.h"

enum { QUEUES = 2, SIZE = 128, ANSWER = 0x5a };

/* Answers each request with one byte, and remembers from which queues they came. */
typedef struct answerer {
    abx_virtio_server server;
    unsigned served;
    abx_virtqueue *from[4 * SIZE];
    bool breaks;
} answerer;

static guest vm;
static answerer device;

static uint64_t answer(void *argument, abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    answerer *self = argument;
    self->from[self->served++] = queue;
    if (self->breaks) {
        abx_virtqueue_break(queue, ABX_VIRTQUEUE_REFUSED);
        return 0;
    }
    *(uint8_t *)chain->writable[0].iov_base = ANSWER;
    return 1;
}

static const abx_virtio_device_ops ops = {
    .id = 4,
    .name = "answerer",
    .start_queue = abx_virtio_server_start_queue,
    .stop_queue = abx_virtio_server_stop_queue,
    .notify = abx_virtio_server_notify,
};

static int begin(void **state)
{
    (void)state;
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    device = (answerer){ .server.serve = answer };
    const abx_virtio_mmio_config config = {
        .ops = &ops,
        .device = &device,
        .queue_count = QUEUES,
        .queue_size = SIZE,
        .base = WINDOW,
        .line = LINE,
        .interrupt_fd = -1,
    };
    return abx_virtio_server_init(&device.server, &host, &config) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    abx_loop_stop(vm.host.loop);
    abx_virtio_server_end(&device.server);
    guest_end(&vm);
    return 0;
}

static const buffer room = { DATA, 16, true };

static void every_queue_is_served(void **state)
{
    (void)state;
    abx_virtio_server_resume(&device);
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    for (uint32_t i = 0; i < 10; i++) {
        *guest_at(&vm, DATA) = 0;
        assert_int_equal(guest_request(&vm, i % QUEUES, &room, 1), 1);
        assert_int_equal(*guest_at(&vm, DATA), ANSWER);
    }
}

/* A busy queue gives way after a number of requests. */
static void queues_take_turns(void **state)
{
    (void)state;
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    for (uint32_t q = 0; q < QUEUES; q++) {
        for (int i = 0; i < SIZE; i++)
            assert_int_not_equal(driver_add(&vm.queues[q], &room, 1, 0), -1);
        guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, q);
    }
    abx_virtio_server_resume(&device);
    for (int taken = 0; taken < QUEUES * SIZE;) {
        uint32_t id, length;
        guest_await_interrupt(&vm);
        for (uint32_t q = 0; q < QUEUES; q++) {
            while (driver_take(&vm.queues[q], &id, &length))
                taken++;
        }
    }
    abx_virtio_server_pause(&device);
    assert_int_equal(device.served, QUEUES * SIZE);
    unsigned changes = 0;
    for (unsigned i = 1; i < device.served; i++)
        changes += device.from[i] != device.from[i - 1];
    assert_in_range(changes, 3, 2 * SIZE);
    abx_virtio_server_resume(&device);
}

static void a_paused_one_waits(void **state)
{
    (void)state;
    uint32_t id, length;
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    guest_send(&vm, 1, &room, 1);
    assert_false(driver_take(&vm.queues[1], &id, &length));
    assert_int_equal(device.served, 0);
    abx_virtio_server_resume(&device);
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[1], &id, &length));
    abx_virtio_server_pause(&device);
    guest_send(&vm, 0, &room, 1);
    assert_int_equal(device.served, 1);
    abx_virtio_server_resume(&device);
    guest_await_interrupt(&vm);
}

/* What was not begun before the reset is not done after it. */
static void a_reset_leaves_nothing(void **state)
{
    (void)state;
    uint32_t id, length;
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    for (int i = 0; i < 20; i++)
        guest_send(&vm, 0, &room, 1);
    guest_put(&vm, MMIO_STATUS, 0);
    abx_virtio_server_resume(&device);
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    guest_send(&vm, 1, &room, 1);
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[1], &id, &length));
    abx_virtio_server_pause(&device);
    assert_int_equal(device.served, 1);
    abx_virtio_server_resume(&device);
}

/* Only one queue is broken, but it is the device that needs the reset. */
static void a_request_may_break_its_queue(void **state)
{
    (void)state;
    device.breaks = true;
    abx_virtio_server_resume(&device);
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    guest_send(&vm, 0, &room, 1);
    await_level(&vm.host, LINE, true);
    while (!(guest_get(&vm, MMIO_STATUS) & STATUS_NEEDS_RESET))
        sched_yield();
    abx_virtio_server_pause(&device);
    assert_int_equal(vm.host.event, ABX_EVENT_DEVICE_NEEDS_RESET);
    device.breaks = false;
    abx_virtio_server_resume(&device);
    guest_start(&vm, F_VERSION_1, QUEUES, SIZE);
    assert_false(guest_get(&vm, MMIO_STATUS) & STATUS_NEEDS_RESET);
    assert_int_equal(guest_request(&vm, 0, &room, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_queue_is_served, begin, end),
        cmocka_unit_test_setup_teardown(queues_take_turns, begin, end),
        cmocka_unit_test_setup_teardown(a_paused_one_waits, begin, end),
        cmocka_unit_test_setup_teardown(a_reset_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_request_may_break_its_queue, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
