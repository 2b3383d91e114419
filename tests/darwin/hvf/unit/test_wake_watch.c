/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

enum { FREQUENCY = 24000000 };
#define HOUR (UINT64_C(3600) * FREQUENCY)

static unsigned entries;

/* The guest stays inside while the host sleeps. What turns it out is the message alone. */
static hv_return_t sleep_inside(fake_vcpu *vcpu)
{
    if (entries++ > 0) {
        vcpu->exit = (hv_vcpu_exit_t){ HV_EXIT_REASON_EXCEPTION, { .syndrome = WFI } };
        return HV_SUCCESS;
    }
    fake_power(kIOMessageCanSystemSleep, 11);
    assert_int_equal(fake.allowed, 11);
    fake_power(kIOMessageSystemWillSleep, 12);
    assert_int_equal(fake.allowed, 12);
    assert_false(atomic_load(&vcpu->cancel));
    fake.continuous += HOUR;
    fake_power(kIOMessageSystemWillPowerOn, 13);
    assert_true(atomic_exchange(&vcpu->cancel, false));
    vcpu->exit.reason = HV_EXIT_REASON_CANCELED;
    return HV_SUCCESS;
}

static void a_vcpu_that_stays_inside_gets_the_new_counter(void **state)
{
    hvf_rig *rig = *state;
    uint64_t before = rig->hv->offset;
    entries = 0;
    fake.run = sleep_inside;
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT); /* and no run ended by it */
    assert_int_equal(entries, 2);
    assert_int_equal(rig->hv->offset, before - HOUR);
    assert_int_equal(fake.allowed, 12); /* what tells of the wake-up is not to be answered */
}

/* What of it the VM's events tell; UINT64_MAX: nothing. */
static uint64_t next_sleep(const hvf_rig *rig)
{
    abx_event event;
    while (abx_event_next(rig->vm, &event) == ABX_OK) {
        if (event.kind == ABX_EVENT_HOST_WOKE)
            return event.code;
    }
    return UINT64_MAX;
}

static void each_sleep_is_told_of_once(void **state)
{
    const hvf_rig *rig = *state;
    fake_power(kIOMessageSystemWillPowerOn, 0); /* of a sleep before this VM */
    assert_int_equal(next_sleep(rig), UINT64_MAX);
    fake.continuous += HOUR;
    fake_power(kIOMessageSystemWillPowerOn, 0);
    fake_power(kIOMessageSystemHasPoweredOn, 0);
    assert_int_equal(next_sleep(rig), UINT64_C(3600) * 1000000000);
    assert_int_equal(next_sleep(rig), UINT64_MAX);
    fake.continuous += FREQUENCY;
    fake_power(kIOMessageSystemHasPoweredOn, 0);
    assert_int_equal(next_sleep(rig), 1000000000);
}

/* Whoever has looked at the counter first has moved it for the VM, but the others are inside all the same. */
static void a_sleep_that_was_seen_before_turns_vcpus_too(void **state)
{
    hvf_rig *rig = *state;
    abx_arm64_timer timer;
    fake.continuous += HOUR;
    assert_int_equal(abx_arm64_get_timer(rig->vcpu, &timer), ABX_OK);
    assert_false(rig->hv->cancel);
    fake_power(kIOMessageSystemWillPowerOn, 0);
    assert_true(rig->hv->cancel);
}

static void what_is_no_sleep_does_nothing(void **state)
{
    const hvf_rig *rig = *state;
    fake.continuous += HOUR;
    fake_power(0xe0000290u, 5); /* kIOMessageSystemWillNotSleep */
    assert_int_equal(fake.allowed, 0);
    assert_false(rig->hv->cancel);
    assert_int_equal(next_sleep(rig), UINT64_MAX);
}

static void a_refusal_leaves_the_rest(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        hvf_rig rig;
        fake_reset();
        fake.queue_refused = i == 0;
        fake.power_refused = i == 1;
        rig_start(&rig, ABX_IRQCHIP_NONE, 1);
        assert_false(fake.queue);
        fake.continuous += HOUR;
        rig_script(&rig, WFI, 0);
        uint64_t before = rig.hv->offset;
        rig_run(&rig);
        assert_int_equal(rig.hv->offset, before - HOUR);
        rig_end(&rig);
    }
}

static void nothing_is_heard_after_the_end(void **state)
{
    (void)state;
    hvf_rig rig;
    fake_reset();
    rig_start(&rig, ABX_IRQCHIP_NONE, 1);
    assert_true(fake.on_queue);
    rig_end(&rig);
    fake.continuous += HOUR;
    fake_power(kIOMessageSystemWillPowerOn, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_vcpu_that_stays_inside_gets_the_new_counter), CASE(each_sleep_is_told_of_once),
        CASE(a_sleep_that_was_seen_before_turns_vcpus_too),  CASE(what_is_no_sleep_does_nothing),
        cmocka_unit_test(a_refusal_leaves_the_rest),         cmocka_unit_test(nothing_is_heard_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
