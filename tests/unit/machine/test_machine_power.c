/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine with PSCI of its own: vCPUs on and off, and who waits meanwhile. */
#include "guest_machine.h"

#include <arcbox/arm64.h>
#include <arcbox/event.h>

#include <string.h>

enum { CPUS = 4, ROUNDS = 20, ON = 0, OFF = 1, ALREADY_ON = -4, INVALID = -2 };

#define ICC_SGI1R ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 11, 5)

static atomic_uint there; /* a bit for each vCPU that came */

static void send(guest *self, uint32_t intid, uint32_t to)
{
    guest_msr(self, ICC_SGI1R, intid << 24 | 1u << to);
}

static void await_sgi(guest *self, uint32_t intid)
{
    while (!guest_is_interrupted(self))
        guest_wfi(self);
    GUEST_CHECK(guest_take(self) == intid);
    guest_end_of(self, intid);
}

static uint64_t affinity_info(guest *self, uint32_t id)
{
    return guest_hvc(self, PSCI_AFFINITY_INFO, id, 0, 0);
}

static uint64_t switch_on(guest *self, uint32_t id, guest_code code, uint64_t context)
{
    return guest_hvc(self, PSCI_CPU_ON, id, (uintptr_t)code, context);
}

/* Answers each SGI by one, then goes. */
static void answers(guest *self, uint64_t context)
{
    guest_open_gic(self);
    GUEST_CHECK(context == guest_id(self) + 100u);
    atomic_fetch_or(&there, 1u << guest_id(self));
    send(self, 1, 0);
    for (int i = 0; i < ROUNDS; i++) {
        await_sgi(self, 2);
        send(self, 1, 0);
    }
    guest_hvc(self, PSCI_CPU_OFF, 0, 0, 0);
    GUEST_CHECK(false);
}

static void play(guest *self, uint32_t id)
{
    GUEST_CHECK(affinity_info(self, id) == OFF);
    GUEST_CHECK(switch_on(self, id, answers, id + 100u) == 0);
    await_sgi(self, 1);
    GUEST_CHECK(affinity_info(self, id) == ON);
    GUEST_CHECK((int64_t)switch_on(self, id, answers, 0) == ALREADY_ON);
    for (int i = 0; i < ROUNDS; i++) {
        send(self, 2, id);
        await_sgi(self, 1);
    }
    while (affinity_info(self, id) != OFF)
        ;
}

static void switches_on_and_off(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    GUEST_CHECK(guest_hvc(self, PSCI_VERSION, 0, 0, 0) == 0x10001);
    for (int again = 0; again < 2; again++) {
        for (uint32_t id = 1; id < CPUS; id++)
            play(self, id);
    }
    GUEST_CHECK((int64_t)switch_on(self, 0, answers, 0) == ALREADY_ON);
    GUEST_CHECK((int64_t)switch_on(self, CPUS, answers, 0) == INVALID);
    guest_switch_off(self);
}

static unsigned count_events(abx_vm *vm, abx_event_kind kind)
{
    abx_event event;
    unsigned count = 0;
    while (abx_event_next(vm, &event) == ABX_OK)
        count += event.kind == (uint32_t)kind && event.vcpu < CPUS;
    return count;
}

static void vcpus_go_on_and_off(void **state)
{
    (void)state;
    atomic_store(&there, 0);
    for (int off = 0; off < 2; off++) {
        abx_machine *machine = guest_machine_started(switches_on_and_off, CPUS);
        assert_int_equal(abx_machine_wait(machine, 60000, NULL), ABX_OK);
        assert_int_equal(
            count_events(abx_machine_get_vm(machine), off ? ABX_EVENT_GUEST_VCPU_OFF : ABX_EVENT_GUEST_VCPU_ON),
            2 * (CPUS - 1));
        assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
        /* The first time a vCPU is as it was created. */
        for (uint32_t id = 1; id < CPUS; id++)
            assert_int_equal(guest_resets(id), 1);
        assert_int_equal(guest_resets(0), 0);
    }
    assert_int_equal(atomic_load(&there), 14);
}

static void sleeps(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    guest_arrive();
    for (;;)
        guest_hvc(self, PSCI_CPU_SUSPEND, 0, 0, 0);
}

static void goes_at_once(guest *self, uint64_t context)
{
    (void)context;
    guest_arrive();
    guest_hvc(self, PSCI_CPU_OFF, 0, 0, 0);
}

/* One sleeps, one went, one never came, and the first one sleeps as well. */
static void makes_all_sleep(guest *self, uint64_t context)
{
    switch_on(self, 1, sleeps, 0);
    switch_on(self, 2, goes_at_once, 0);
    sleeps(self, context);
}

static void stops_end_every_wait(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(makes_all_sleep, CPUS);
    guest_machine_await(3);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_STOPPED);

    machine = guest_machine_started(makes_all_sleep, CPUS);
    guest_machine_await(3);
    assert_int_equal(abx_vm_stop(abx_machine_get_vm(machine)), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_STOPPED);

    machine = guest_machine_started(makes_all_sleep, CPUS);
    guest_machine_await(3);
    assert_int_equal(abx_machine_pause(machine), ABX_OK);
    abx_machine_destroy(machine);
}

static void waits_and_switches_off(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    send(self, 2, 0);
    await_sgi(self, 2);
    guest_switch_off(self);
}

/* Makes PPI 20 of vCPU 0 pending, and takes it back once it has arrived there. */
static void interrupts_and_takes_it_back(guest *self, uint64_t context)
{
    (void)context;
    const uint64_t private_0 = ABX_ARM64_GIC_REDISTRIBUTORS + 0x10000;
    guest_open_gic(self);
    guest_write(self, private_0 + 0x200, 4, 1u << 20);
    await_sgi(self, 2);
    guest_write(self, private_0 + 0x280, 4, 1u << 20);
    guest_wfi(self);
}

static void is_interrupted_for_a_while(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    switch_on(self, 1, interrupts_and_takes_it_back, 0);
    guest_spin(self);
    send(self, 2, 1);
    guest_spin_until_quiet(self);
    guest_switch_off(self);
}

/* One that is in the guest hears of both. */
static void inputs_rise_and_fall(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(is_interrupted_for_a_while, 2);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

static void leaves_it_to_another(guest *self, uint64_t context)
{
    (void)context;
    guest_open_gic(self);
    switch_on(self, 3, waits_and_switches_off, 0);
    await_sgi(self, 2);
    send(self, 2, 3);
    for (;;)
        guest_wfi(self);
}

/* The others sleep or are off when the end comes from one of them. */
static void one_ends_it_for_all(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine_started(leaves_it_to_another, CPUS);
    abx_machine_result result = guest_machine_end(machine);
    assert_int_equal(result.end, ABX_END_SHUTDOWN);
    assert_string_equal(result.text, "PSCI");
}

static void resets_the_machine(guest *self, uint64_t context)
{
    (void)context;
    guest_hvc(self, PSCI_SYSTEM_RESET, 0, 0, 0);
}

static void goes_last(guest *self, uint64_t context)
{
    (void)context;
    switch_on(self, 1, goes_at_once, 0);
    guest_hvc(self, PSCI_CPU_OFF, 0, 0, 0);
}

static void the_guest_ends_it_otherwise(void **state)
{
    (void)state;
    assert_int_equal(guest_machine_end(guest_machine_started(resets_the_machine, 2)).end, ABX_END_RESET);
    abx_machine_result result = guest_machine_end(guest_machine_started(goes_last, 2));
    assert_int_equal(result.end, ABX_END_HALT);
    assert_string_equal(result.text, "every vCPU is off");
}

static void goes_and_comes(guest *self, uint64_t context)
{
    (void)context;
    switch_on(self, 1, goes_at_once, 0);
    while (affinity_info(self, 1) != OFF)
        ;
    switch_on(self, 1, goes_at_once, 0);
    while (affinity_info(self, 1) != OFF)
        ;
    guest_switch_off(self);
}

static void failures_of_the_backend_end_the_machine(void **state)
{
    (void)state;
    static const char *const functions[] = { "reset", "vcpu_write_registers", "vcpu_set_mp_state" };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_machine *machine = guest_machine(goes_and_comes, 2, ABX_IRQCHIP_DEFAULT, false);
        fake_log_fail(functions[i], ABX_ERR_SYSTEM);
        assert_int_equal(abx_machine_start(machine), ABX_OK);
        abx_machine_result result = guest_machine_end(machine);
        assert_int_equal(result.end, ABX_END_FAILED);
        assert_non_null(strstr(result.text, functions[i]));
    }
}

/* Its waits for interrupts are the kernel's, so that a suspended vCPU goes on at once. */
static void suspends_and_goes(guest *self, uint64_t context)
{
    (void)context;
    GUEST_CHECK(guest_hvc(self, PSCI_CPU_SUSPEND, 0, 0, 0) == 0);
    switch_on(self, 1, goes_at_once, 0);
    while (affinity_info(self, 1) != OFF)
        ;
    GUEST_CHECK((int64_t)guest_hvc(self, 0x86000001, 0, 0, 0) == -1);
    guest_switch_off(self);
}

static void a_kernels_controller_needs_psci_alone(void **state)
{
    (void)state;
    abx_machine *machine = guest_machine(suspends_and_goes, 2, ABX_IRQCHIP_DEFAULT, true);
    assert_int_equal(abx_vm_get_config(abx_machine_get_vm(machine))->irqchip, ABX_IRQCHIP_KERNEL);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(guest_machine_end(machine).end, ABX_END_SHUTDOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpus_go_on_and_off),
        cmocka_unit_test(stops_end_every_wait),
        cmocka_unit_test(inputs_rise_and_fall),
        cmocka_unit_test(one_ends_it_for_all),
        cmocka_unit_test(the_guest_ends_it_otherwise),
        cmocka_unit_test(failures_of_the_backend_end_the_machine),
        cmocka_unit_test(a_kernels_controller_needs_psci_alone),
    };
    return cmocka_run_group_tests(tests, guest_machine_prepare, guest_machine_clean_up);
}
