/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Machines that are paused, stopped and destroyed while their virtio devices have something to do. */
#include "virtio.h"
#include "virtio_images.h"

#include <dirent.h>
#include <poll.h>

enum { DISK, ENTROPY };

static void open_both(rig *r, abx_loop_kind loop, uint32_t with)
{
    const abx_device_config devices[] = { disk(0), entropy() };
    rig_open(r, "virtio", devices, 2, loop);
    assert_int_equal(rig_order(r, OPEN, DISK, with), ID_BLOCK);
    assert_int_equal(rig_order(r, OPEN, ENTROPY, with), ID_ENTROPY);
}

static void send_to_both(rig *r)
{
    assert_int_equal(rig_order(r, SEND, DISK, 8), 8);
    assert_int_equal(rig_order(r, SEND, ENTROPY, 8), 8);
}

/* At chance moments of what the guest does next; nothing is lost. */
static void go_on_after_pauses(abx_loop_kind loop)
{
    rig r;
    open_both(&r, loop, WITH_EVENTS);
    for (int i = 0; i < 10; i++) {
        send_to_both(&r);
        assert_ok(abx_machine_pause(r.machine));
        assert_ok(abx_machine_resume(r.machine));
        rig_tell(&r, COLLECT, DISK);
        assert_ok(abx_machine_pause(r.machine));
        rig_tell(&r, COLLECT, ENTROPY);
        assert_ok(abx_machine_resume(r.machine));
        assert_int_equal(rig_hear(&r), 8);
        assert_int_equal(rig_hear(&r), 8);
    }
    assert_int_equal(rig_order(&r, WRITE, DISK, 0, 1, 5), 0);
    assert_int_equal(rig_order(&r, READ, DISK, 0, 1, 5), 0);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_pause(void **state)
{
    (void)state;
    with_each_loop(go_on_after_pauses);
}

/* A paused machine's devices rest, though the loop turns. */
static void test_nothing_happens_in_a_pause(void **state)
{
    (void)state;
    rig r;
    open_both(&r, ABX_LOOP_CALLER, 0);
    r.loop_rests = true;
    send_to_both(&r);
    uint32_t before = rig_order(&r, INTERRUPTS, DISK);
    assert_ok(abx_machine_pause(r.machine));
    r.loop_rests = false;
    assert_ok(abx_machine_dispatch(r.machine));
    assert_ok(abx_machine_dispatch(r.machine));
    r.loop_rests = true;
    assert_ok(abx_machine_resume(r.machine));
    assert_int_equal(rig_order(&r, INTERRUPTS, DISK), before);
    r.loop_rests = false;
    assert_int_equal(rig_order(&r, COLLECT, DISK), 8);
    assert_int_equal(rig_order(&r, COLLECT, ENTROPY), 8);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

/* The guest waits, and the device has a break: a reset is not kept waiting by it. */
static void test_reset_while_the_loop_rests(void **state)
{
    (void)state;
    rig r;
    open_both(&r, ABX_LOOP_CALLER, WITH_PACKED);
    for (int i = 0; i < 10; i++) {
        r.loop_rests = true;
        send_to_both(&r);
        assert_int_equal(rig_order(&r, RESET, DISK), 0);
        assert_int_equal(rig_order(&r, RESET, ENTROPY), 0);
        assert_int_equal(rig_order(&r, OPEN, DISK, WITH_PACKED), ID_BLOCK);
        assert_int_equal(rig_order(&r, OPEN, ENTROPY, WITH_INDIRECT), ID_ENTROPY);
        r.loop_rests = false;
        assert_int_equal(rig_order(&r, FLUSH, DISK), 0);
        assert_int_equal(rig_order(&r, FILL, ENTROPY, 64), 64);
    }
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static int descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/dev/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

typedef enum ending { STOPPED, STOPPED_IN_A_PAUSE, DESTROYED } ending;

/* Requests are in flight: for certain where the loop rests. */
static void end_at_work(abx_loop_kind loop, ending how)
{
    rig r;
    abx_machine_result result = { 0 };
    open_both(&r, loop, how == STOPPED ? WITH_INDIRECT : WITH_PACKED);
    r.loop_rests = true;
    send_to_both(&r);
    rig_tell(&r, COLLECT, DISK);
    if (how == STOPPED_IN_A_PAUSE)
        assert_ok(abx_machine_pause(r.machine));
    if (how != DESTROYED) {
        assert_ok(abx_machine_stop(r.machine));
        assert_ok(abx_machine_wait(r.machine, 0, &result));
        assert_int_equal(result.end, ABX_END_STOPPED);
    }
    rig_destroy(&r);
}

static void test_end_with_requests_in_flight(void **state)
{
    (void)state;
    end_at_work(ABX_LOOP_THREAD, STOPPED); /* whatever is kept for the next time is there now */
    int before = descriptors();
    for (int how = STOPPED; how <= DESTROYED; how++) {
        for (int i = 0; i < 3; i++) {
            end_at_work(ABX_LOOP_THREAD, (ending)how);
            end_at_work(ABX_LOOP_CALLER, (ending)how);
        }
    }
    assert_int_equal(descriptors(), before);
}

/* An idle machine leaves the caller's loop alone. */
static void test_an_idle_loop_is_quiet(void **state)
{
    (void)state;
    rig r;
    open_both(&r, ABX_LOOP_CALLER, 0);
    send_to_both(&r);
    assert_int_equal(rig_order(&r, COLLECT, DISK), 8);
    assert_int_equal(rig_order(&r, COLLECT, ENTROPY), 8);
    assert_ok(abx_machine_dispatch(r.machine));
    struct pollfd idle = { .fd = abx_machine_loop_fd(r.machine), .events = POLLIN };
    assert_int_equal(poll(&idle, 1, 100), 0);
    assert_int_equal(abx_machine_loop_timeout(r.machine), -1);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_nothing_happens_in_a_pause),
        cmocka_unit_test(test_reset_while_the_loop_rests),
        cmocka_unit_test(test_end_with_requests_in_flight),
        cmocka_unit_test(test_an_idle_loop_is_quiet),
    };
    return cmocka_run_group_tests(tests, make_images, remove_images);
}
