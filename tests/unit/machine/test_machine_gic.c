/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine with an interrupt controller of its own: lines, the virtual timer, and vCPUs that wait for either. */
#include "guest_machine.h"

#include <arcbox/arm64.h>

#include <string.h>

enum {
    BUTTON = 32 + ABX_ARM64_SPI_GPIO,
    TIMER = 16 + ABX_ARM64_PPI_VIRTUAL_TIMER,
    NONE = 1023,
    MILLISECOND = NANOSECONDS / 1000,
};

/* The button's line as an edge of the PL061, level to the controller until it is cleared there. */
static void open_button(guest *self)
{
    guest_open_gic(self);
    guest_write(self, ABX_ARM64_GPIO + 0x40c, 4, 8);
    guest_write(self, ABX_ARM64_GPIO + 0x410, 4, 8);
}

static void end_button(guest *self)
{
    GUEST_CHECK(guest_take(self) == BUTTON);
    GUEST_CHECK(guest_take(self) == NONE);
    guest_write(self, ABX_ARM64_GPIO + 0x41c, 4, 8);
    guest_end_of(self, BUTTON);
    GUEST_CHECK(guest_take(self) == NONE);
    GUEST_CHECK(!guest_is_interrupted(self));
}

static void waits_for_button(guest *self, uint64_t context)
{
    (void)context;
    open_button(self);
    guest_arrive();
    guest_wfi(self);
    GUEST_CHECK(guest_is_interrupted(self));
    end_button(self);
    guest_switch_off(self);
}

static void a_line_ends_a_wait(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(waits_for_button, 1);
    guest_machine_await(1);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void spins_for_button(guest *self, uint64_t context)
{
    (void)context;
    open_button(self);
    guest_arrive();
    guest_spin(self);
    end_button(self);
    guest_switch_off(self);
}

static void a_line_interrupts_the_guest(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(spins_for_button, 1);
    guest_machine_await(1);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void end_timer(guest *self)
{
    GUEST_CHECK(guest_take(self) == TIMER);
    guest_set_timer(self, false, 0);
    guest_end_of(self, TIMER);
    GUEST_CHECK(guest_take(self) == NONE);
    GUEST_CHECK(!guest_is_interrupted(self));
}

static void waits_for_timer(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    for (int i = 0; i < 3; i++) {
        uint64_t due = guest_count() + 3 * MILLISECOND;
        guest_set_timer(self, true, due);
        while (!guest_is_interrupted(self))
            guest_wfi(self);
        GUEST_CHECK(guest_count() >= due);
        end_timer(self);
        guest_set_timer(self, true, guest_count() + 3 * MILLISECOND);
        guest_spin(self);
        end_timer(self);
    }
    /* One whose time has come before it is waited for, and one that nobody listens to. */
    guest_set_timer(self, true, 0);
    while (!guest_is_interrupted(self))
        guest_wfi(self);
    end_timer(self);
    guest_switch_off(self);
}

static void the_timer_interrupts_again_and_again(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(waits_for_timer, 1);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void waits_for_an_hour(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_set_timer(self, true, guest_count() + UINT64_C(3600) * NANOSECONDS);
    guest_arrive();
    while (!guest_is_interrupted(self))
        guest_wfi(self);
    end_timer(self);
    guest_switch_off(self);
}

/* The clock that vCPUs wait by outside of the guest stood still meanwhile. */
static void a_sleep_of_the_host_counts(void **state)
{
    (void)state;
    const abx_event woke = { .kind = ABX_EVENT_HOST_WOKE, .vcpu = UINT32_MAX };
    abx_machine *machine = guest_machine_started(waits_for_an_hour, 1);
    guest_machine_await(1);
    guest_pass(UINT64_C(3600) * NANOSECONDS);
    assert_int_equal(abx_event_post(abx_machine_get_vm(machine), &woke), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

/* The guest, interrupted and before it has asked by whom, sets the timer anew: then it was nobody. */
static void changes_its_mind(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_set_timer(self, true, guest_count());
    guest_spin(self);
    guest_set_timer(self, true, guest_count() + UINT64_C(3600) * NANOSECONDS);
    GUEST_CHECK(guest_take(self) == NONE);
    GUEST_CHECK(!guest_is_interrupted(self));
    /* And it is heard of the next time. */
    guest_set_timer(self, true, guest_count() + MILLISECOND);
    guest_spin(self);
    /* Ended while its output is still high, it comes again. */
    GUEST_CHECK(guest_take(self) == TIMER);
    guest_end_of(self, TIMER);
    GUEST_CHECK(guest_is_interrupted(self));
    end_timer(self);
    guest_switch_off(self);
}

static void the_timers_output_is_a_level(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(changes_its_mind, 1);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

/* The timer's interrupt is shut: it ends one wait, and does not keep the next ones from being waits. */
static void waits_with_a_shut_timer(guest *self, uint64_t context)
{
    (void)context;
    open_button(self);
    guest_write(self, ABX_ARM64_GIC_REDISTRIBUTORS + 0x10180, 4, 1u << TIMER);
    guest_set_timer(self, true, guest_count() + MILLISECOND);
    guest_wfi(self);
    GUEST_CHECK(!guest_is_interrupted(self));
    guest_arrive();
    guest_wfi(self);
    GUEST_CHECK(guest_is_interrupted(self));
    end_button(self);
    guest_switch_off(self);
}

static void a_shut_timer_does_not_keep_anybody_busy(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(waits_with_a_shut_timer, 1);
    guest_machine_await(1);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void waits_for_ever(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_arrive();
    for (;;)
        guest_wfi(self);
}

static void waits_for_years(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_set_timer(self, true, UINT64_MAX);
    guest_arrive();
    for (;;)
        guest_wfi(self);
}

static void spins_for_ever(guest *self, uint64_t context)
{
    (void)context;
    guest_arrive();
    guest_spin(self);
}

static void stops_end_every_wait(void **state)
{
    (void)state;
    static const guest_code codes[] = { waits_for_ever, waits_for_years, spins_for_ever };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        abx_machine *machine = guest_machine_started(codes[i], 3);
        guest_machine_await(1);
        assert_int_equal(abx_machine_stop(machine), ABX_OK);
        assert_int_equal(guest_machine_end(machine).end, ABX_END_STOPPED);
        /* Past the machine, as an embedding program may. */
        machine = guest_machine_started(codes[i], 3);
        guest_machine_await(1);
        assert_int_equal(abx_vm_stop(abx_machine_get_vm(machine)), ABX_OK);
        assert_int_equal(guest_machine_end(machine).end, ABX_END_STOPPED);
        /* Without a stop before. */
        machine = guest_machine_started(codes[i], 3);
        guest_machine_await(1);
        abx_machine_destroy(machine);
        machine = guest_machine(codes[i], 3, ABX_IRQCHIP_DEFAULT, false);
        abx_machine_destroy(machine);
    }
}

/* What comes meanwhile waits for the end of the pause. */
static void a_pause_holds_who_waits(void **state)
{
    (void)state;
    static const guest_code codes[] = { waits_for_button, spins_for_button };
    for (size_t i = 0; i < 2; i++) {
        abx_machine *machine = guest_machine_started(codes[i], 2);
        guest_machine_await(1);
        for (int again = 0; again < 3; again++) {
            assert_int_equal(abx_machine_pause(machine), ABX_OK);
            assert_int_equal(abx_machine_resume(machine), ABX_OK);
        }
        assert_int_equal(abx_machine_pause(machine), ABX_OK);
        assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
        assert_int_equal(abx_machine_wait(machine, 20, NULL), ABX_ERR_TIMEOUT);
        assert_int_equal(abx_machine_resume(machine), ABX_OK);
        assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
    }
}

static void asks_for_other_registers(guest *self, uint64_t context)
{
    (void)context;
    guest_msr(self, ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 0, 4), 0); /* OSLAR_EL1 */
    GUEST_CHECK(guest_mrs(self, ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4)) == 0);
    guest_switch_off(self);
}

static void other_registers_are_zero(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(asks_for_other_registers, 1);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void needs_the_backend(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_set_timer(self, true, guest_count());
    guest_spin(self);
    end_timer(self);
    guest_wfi(self);
}

static void failures_of_the_backend_end_the_machine(void **state)
{
    (void)state;
    static const char *const functions[] = { "set_irq", "get_timer", "unmask_timer" };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_machine *machine = guest_machine(needs_the_backend, 2, ABX_IRQCHIP_DEFAULT, false);
        fake_log_fail(functions[i], ABX_ERR_SYSTEM);
        assert_int_equal(abx_machine_start(machine), ABX_OK);
        abx_machine_result result = guest_machine_end(machine);
        assert_int_equal(result.end, ABX_END_FAILED);
        assert_non_null(strstr(result.text, functions[i]));
    }
}

static void fires_and_halts(guest *self, uint64_t context)
{
    (void)context;
    guest_exit_with(self, &(abx_exit){ .kind = ABX_EXIT_TIMER });
    guest_wfi(self);
}

static void without_any_controller_a_halt_is_the_end(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine(fires_and_halts, 1, ABX_IRQCHIP_NONE, false);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_HALT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_ends_a_wait),
        cmocka_unit_test(a_line_interrupts_the_guest),
        cmocka_unit_test(the_timer_interrupts_again_and_again),
        cmocka_unit_test(a_sleep_of_the_host_counts),
        cmocka_unit_test(the_timers_output_is_a_level),
        cmocka_unit_test(a_shut_timer_does_not_keep_anybody_busy),
        cmocka_unit_test(stops_end_every_wait),
        cmocka_unit_test(a_pause_holds_who_waits),
        cmocka_unit_test(other_registers_are_zero),
        cmocka_unit_test(failures_of_the_backend_end_the_machine),
        cmocka_unit_test(without_any_controller_a_halt_is_the_end),
    };
    return cmocka_run_group_tests(tests, guest_machine_prepare, guest_machine_clean_up);
}
