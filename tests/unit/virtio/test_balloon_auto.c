/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Policy AUTO from the host's pressure, which is the test's here, to the guest's driver. */
#include "guest.h"

#include "boot/bytes.h"
#include "host_pressure.h"
#include "virtio/balloon.h"
#include "virtio/balloon_internal.h"

enum {
    ANSWER = DATA,
    SPACE_NUM = MMIO_CONFIG,
    SPACE_ACTUAL = MMIO_CONFIG + 4,
};

static const uint64_t ALL = RAM_SIZE + SECOND_SIZE;
static const uint64_t NEEDED = F_VERSION_1 | BALLOON_F_STATS_VQ | BALLOON_F_DEFLATE_ON_OOM;
static guest vm;

/* In the place of the system's. */
static struct {
    void (*pressed)(void *argument);
    void *argument;
    abx_status status;
    unsigned open;
} pressure;

abx_status abx_host_pressure_new(abx_host_pressure **out, abx_loop *loop, void (*pressed)(void *argument),
                                 void *argument)
{
    assert_non_null(loop);
    if (pressure.status != ABX_OK)
        return pressure.status;
    pressure.pressed = pressed;
    pressure.argument = argument;
    pressure.open++;
    *out = (abx_host_pressure *)&pressure;
    return ABX_OK;
}

void abx_host_pressure_free(abx_host_pressure *of)
{
    if (!of)
        return;
    assert_ptr_equal(of, &pressure);
    pressure.open--;
}

static abx_status make(void)
{
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    return abx_virtio_balloon_new(&vm.host.device, &host, WINDOW, LINE,
                                  &(abx_balloon_config){ .policy = ABX_BALLOON_AUTO, .minimum = ALL / 4 });
}

static int begin(void **state)
{
    (void)state;
    pressure.status = ABX_OK;
    if (make() != ABX_OK)
        return -1;
    vm.host.device.ops->resume(vm.host.device.object);
    return 0;
}

static int end(void **state)
{
    (void)state;
    guest_end(&vm);
    return pressure.open == 0 ? 0 : -1;
}

static void nothing(void *argument)
{
    (void)argument;
}

static void start(uint64_t features)
{
    guest_start(&vm, features, 3, 8);
    driver_all_interrupts(&vm.queues[BALLOON_STATISTICS]);
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 10, false }, 1);
    while (abx_virtio_balloon_get_info(vm.host.device.object, &info), info.statistics_ns == 0)
        abx_loop_call(vm.host.loop, nothing, NULL);
}

/* The host is short of memory. When this returns the balloon has heard of it. */
static void press(void)
{
    abx_loop_call(vm.host.loop, pressure.pressed, pressure.argument);
}

/* What was handed to the loop before has run. */
static void settle(void)
{
    abx_loop_call(vm.host.loop, nothing, NULL);
}

static bool is_asked(void)
{
    uint32_t id, length;
    settle();
    settle(); /* the bell has been heard, too */
    return driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length);
}

static void await_question(void)
{
    uint32_t id, length;
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
    driver_all_interrupts(&vm.queues[BALLOON_STATISTICS]);
}

static void answer(uint64_t available)
{
    abx_put_le16(guest_at(&vm, ANSWER), ABX_BALLOON_AVAILABLE);
    abx_put_le64(guest_at(&vm, ANSWER) + 2, available);
    guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 10, false }, 1);
}

/* The size that the driver hears of. */
static uint32_t await_change(void)
{
    await_level(&vm.host, LINE, true);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    return guest_get(&vm, SPACE_NUM);
}

static void pressure_shrinks_and_need_grows(void **state)
{
    (void)state;
    start(NEEDED);
    assert_false(is_asked());
    press();
    assert_int_equal(vm.host.event, ABX_EVENT_MEMORY_PRESSURE);
    await_question();
    answer(ALL / 4 * 3);
    uint32_t pages = await_change();
    assert_int_equal(pages, ALL / 8 / 4096);
    guest_put(&vm, SPACE_ACTUAL, pages);
    await_question(); /* some time later */
    answer(ALL / 2);
    settle();
    assert_int_equal(guest_get(&vm, SPACE_NUM), pages);
    assert_false(is_asked());
    guest_put(&vm, SPACE_ACTUAL, pages - 8); /* out of memory */
    assert_int_equal(await_change(), 0);
    guest_put(&vm, SPACE_ACTUAL, 0);
    press();
    press();
    assert_int_equal(guest_get(&vm, SPACE_NUM), 0);
}

/* A guest that could not call for help is left alone. */
static void drivers_that_know_too_little_are_left_alone(void **state)
{
    (void)state;
    static const uint64_t lacking[] = { BALLOON_F_STATS_VQ, BALLOON_F_DEFLATE_ON_OOM };
    press();
    for (size_t i = 0; i < 2; i++) {
        start(NEEDED & ~lacking[i]);
        press();
        assert_false(is_asked());
        assert_int_equal(guest_get(&vm, SPACE_NUM), 0);
    }
}

static void a_paused_machine_does_nothing(void **state)
{
    (void)state;
    start(NEEDED);
    settle();
    vm.host.device.ops->pause(vm.host.device.object);
    press();
    assert_false(is_asked());
    vm.host.device.ops->resume(vm.host.device.object);
    assert_false(is_asked());
    press();
    await_question();
    vm.host.device.ops->pause(vm.host.device.object);
    answer(ALL / 4 * 3);
    settle();
    assert_int_equal(guest_get(&vm, SPACE_NUM), 0);
    vm.host.device.ops->resume(vm.host.device.object);
    assert_int_equal(await_change(), ALL / 8 / 4096);
}

static void a_target_of_the_program_counts(void **state)
{
    (void)state;
    start(NEEDED);
    assert_int_equal(abx_virtio_balloon_set_target(vm.host.device.object, ALL / 2), ABX_OK);
    assert_int_equal(await_change(), ALL / 2 / 4096);
    guest_put(&vm, SPACE_ACTUAL, ALL / 2 / 4096);
    settle();
    assert_int_equal(guest_get(&vm, SPACE_NUM), ALL / 2 / 4096);
    press();
    await_question();
    answer(ALL / 2);
    assert_int_equal(await_change(), ALL / 8 * 5 / 4096);
}

static void without_the_hosts_word_there_is_none(void **state)
{
    (void)state;
    pressure.status = ABX_ERR_NOT_SUPPORTED;
    assert_int_equal(make(), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(pressure.open, 0);
    assert_null(vm.host.device.ops);
    guest_end(&vm);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pressure_shrinks_and_need_grows),
        TEST(drivers_that_know_too_little_are_left_alone),
        TEST(a_paused_machine_does_nothing),
        TEST(a_target_of_the_program_counts),
        cmocka_unit_test(without_the_hosts_word_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
