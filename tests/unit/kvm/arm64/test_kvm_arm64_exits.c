/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What comes out of a guest, and what goes back in. */
#include "arm64_guest.h"

#include <string.h>

static arm64_guest guest;

GUEST(accesses, "mov x0, #0x1122\n movk x0, #0x3344, lsl #16\n"
                "strb w0, [x1]\n strh w0, [x1]\n str w0, [x1]\n str x0, [x1]\n"
                "ldr x2, [x1, #8]\n str x2, [x1]\n"
                "ldrb w2, [x1, #1]\n str x2, [x1]\n"
                "ldrb wzr, [x1]\n adr x3, .\n str x3, [x1]");

static void mmio_of_every_width(void **state)
{
    (void)state;
    guest_open(&guest, NULL, accesses);
    guest_start(&guest);
    static const uint64_t written[] = { 0x22, 0x1122, 0x33441122, 0x33441122 };
    for (unsigned i = 0; i < 4; i++) {
        guest_expect(&guest, written[i]);
        assert_int_equal(guest.exit.mmio.size, 1u << i);
    }
    guest_run_to(&guest, ABX_EXIT_MMIO);
    assert_int_equal(guest.exit.mmio.direction, ABX_READ);
    assert_int_equal(guest.exit.mmio.address, REPORT + 8);
    memcpy(guest.exit.mmio.data, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
    guest_expect(&guest, 0x8877665544332211);
    guest_run_to(&guest, ABX_EXIT_MMIO);
    guest.exit.mmio.data[0] = 0x80;
    guest_expect(&guest, 0x80);
    /* A load into register 31 is thrown away and changes nothing else. */
    guest_run_to(&guest, ABX_EXIT_MMIO);
    memset(guest.exit.mmio.data, 0xff, guest.exit.mmio.size);
    guest_expect(&guest, ABX_ARM64_RAM + 4 * 11);
    guest_close(&guest);
}

GUEST(pair, "mov x0, #7\n stp x0, x0, [x1]\n mov x2, #99\n str x2, [x1]");

static void an_access_without_description_comes_out(void **state)
{
    (void)state;
    guest_open(&guest, NULL, pair);
    guest_start(&guest);
    guest_run_to(&guest, ABX_EXIT_DATA_ABORT);
    assert_int_equal(guest.exit.data_abort.address, REPORT);
    assert_int_equal(guest.exit.data_abort.syndrome >> 24 & 1, 0); /* ISV */
    assert_int_equal(guest_get(&guest, ABX_ARM64_PC), ABX_ARM64_RAM + 4);
    guest_run_to(&guest, ABX_EXIT_DATA_ABORT);
    guest_set(&guest, ABX_ARM64_PC, ABX_ARM64_RAM + 8);
    guest_expect(&guest, 99);
    guest_close(&guest);
}

/* The vector for synchronous exceptions of EL1 with its own stack is at 0x200. */
GUEST(fault, "adr x0, .\n msr vbar_el1, x0\n isb\n stp x0, x0, [x1]\n"
             ".org fault + 0x200\n mrs x2, esr_el1\n str x2, [x1]\n");

static void an_external_abort_goes_into_the_guest(void **state)
{
    (void)state;
    guest_open(&guest, NULL, fault);
    guest_start(&guest);
    guest_run_to(&guest, ABX_EXIT_DATA_ABORT);
    assert_ok(abx_arm64_set_events(guest.vcpu, &(abx_arm64_events){ .data_abort_pending = true }));
    uint64_t syndrome = guest_report(&guest);
    assert_int_equal(syndrome >> 26 & 0x3f, 0x25); /* a data abort from the same level */
    assert_int_equal(syndrome & 0x3f, 0x10);       /* synchronous external */
    guest_close(&guest);
}

GUEST(call, "mov x19, x1\n mov x0, x10\n mov x2, #2\n mov x3, #3\n hvc #0\n str x0, [x19]");

enum { SYSTEM_OFF = 0x84000008, SYSTEM_RESET = 0x84000009, PSCI_VERSION = 0x84000000 };

static void psci_switches_off_and_resets(void **state)
{
    (void)state;
    static const struct {
        uint32_t function;
        abx_system_event event;
    } cases[] = { { SYSTEM_OFF, ABX_SYSTEM_SHUTDOWN }, { SYSTEM_RESET, ABX_SYSTEM_RESET } };
    for (size_t i = 0; i < 2; i++) {
        guest_open(&guest, NULL, call);
        guest_set(&guest, ABX_ARM64_X(10), cases[i].function);
        guest_start(&guest);
        guest_run_to(&guest, ABX_EXIT_SYSTEM_EVENT);
        assert_int_equal(guest.exit.system_event.event, cases[i].event);
        guest_close(&guest);
    }
}

static void a_reset_vcpu_runs_again(void **state)
{
    (void)state;
    guest_open(&guest, NULL, call);
    guest_set(&guest, ABX_ARM64_X(10), SYSTEM_RESET);
    guest_start(&guest);
    guest_run_to(&guest, ABX_EXIT_SYSTEM_EVENT);
    assert_ok(abx_arm64_reset(guest.vcpu));
    assert_int_equal(guest_get(&guest, ABX_ARM64_PC), 0);
    assert_int_equal(guest_get(&guest, ABX_ARM64_X(10)), 0);
    assert_int_equal(guest_get(&guest, ABX_ARM64_PSTATE), ABX_ARM64_PSTATE_EL1H);
    guest_set(&guest, ABX_ARM64_PC, ABX_ARM64_RAM);
    guest_set(&guest, ABX_ARM64_X(1), REPORT);
    guest_set(&guest, ABX_ARM64_X(10), PSCI_VERSION);
    assert_true(guest_report(&guest) >= 0x10000); /* 1.0 */
    guest_close(&guest);
}

enum { OEM_SERVICE = 0x83000010 };

static void hypercalls_come_out_where_they_are_asked_for(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    guest_open(&guest, &config, call);
    guest_set(&guest, ABX_ARM64_X(10), OEM_SERVICE);
    guest_start(&guest);
    guest_expect(&guest, UINT64_MAX);
    bool offered = abx_hypervisor_has(guest.hypervisor, ABX_CAP_HYPERCALL_EXITS);
    guest_close(&guest);
    config.hypercall_exits = true;
    if (!offered) {
        abx_hypervisor *hypervisor;
        assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
        assert_status(abx_vm_config_validate(&config, hypervisor, NULL, 0, NULL), ABX_ERR_CONFIG);
        abx_hypervisor_close(hypervisor);
        print_message("this host's kernel has no SMCCC filter: that it is refused is all that was tested\n");
        skip();
    }
    for (int answered = 0; answered < 2; answered++) {
        guest_open(&guest, &config, call);
        guest_set(&guest, ABX_ARM64_X(10), OEM_SERVICE);
        guest_start(&guest);
        guest_run_to(&guest, ABX_EXIT_HYPERCALL);
        assert_int_equal(guest.exit.hypercall.number, OEM_SERVICE);
        assert_int_equal(guest.exit.hypercall.arguments[0], REPORT);
        assert_int_equal(guest.exit.hypercall.arguments[1], 2);
        assert_int_equal(guest.exit.hypercall.arguments[2], 3);
        assert_int_equal(guest.exit.hypercall.flags, 0);
        if (answered)
            *guest.exit.hypercall.result = 4711;
        guest_expect(&guest, answered ? 4711 : UINT64_MAX);
        guest_close(&guest);
    }
}

GUEST(sleeper, "1: wfi\n b 1b");

static void a_kick_ends_the_sleep(void **state)
{
    (void)state;
    guest_open(&guest, NULL, sleeper);
    guest_start(&guest);
    abx_vcpu_kick(guest.vcpu);
    guest_run_to(&guest, ABX_EXIT_INTERRUPTED);
    guest_close(&guest);
}

static void without_controllers_there_are_exits_too(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    config.irqchip = ABX_IRQCHIP_NONE;
    guest_open(&guest, &config, pair);
    guest_start(&guest);
    guest_run_to(&guest, ABX_EXIT_DATA_ABORT);
    assert_status(abx_irq_set_line(guest.vm, 1, true), ABX_ERR_STATE);
    guest_close(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mmio_of_every_width),
        cmocka_unit_test(an_access_without_description_comes_out),
        cmocka_unit_test(an_external_abort_goes_into_the_guest),
        cmocka_unit_test(psci_switches_off_and_resets),
        cmocka_unit_test(a_reset_vcpu_runs_again),
        cmocka_unit_test(hypercalls_come_out_where_they_are_asked_for),
        cmocka_unit_test(a_kick_ends_the_sleep),
        cmocka_unit_test(without_controllers_there_are_exits_too),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
