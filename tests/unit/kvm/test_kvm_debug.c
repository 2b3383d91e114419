/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

/* 0: nop; 1: nop; 2: mov byte [0x2000], 5; 7: mov al, [0x2000]; 10: int3; 11: out 0x10, al; 13: hlt */
static const uint8_t code[] = { 0x90, 0x90, 0xc6, 0x06, 0x00, 0x20, 0x05, 0xa0, 0x00, 0x20, 0xcc, 0xe6, 0x10, 0xf4 };
enum { WATCHED = 0x2000, READ_AT = 7, INT3_AT = 10, OUT_AT = 11 };

static void start(kvm_guest *guest)
{
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    guest_open(guest, &config, code, sizeof(code));
    guest_set(guest, ABX_X86_SEG(ABX_X86_SEG_DS, ABX_X86_SEG_BASE), 0);
    assert_ok(abx_vm_start(guest->vm));
}

static void expect_debug(kvm_guest *guest, uint64_t pc, uint64_t dr6)
{
    assert_ok(abx_vcpu_run(guest->vcpu, &guest->exit));
    assert_int_equal(guest->exit.kind, ABX_EXIT_DEBUG);
    assert_int_equal(guest->exit.debug.pc, pc);
    assert_int_equal(guest->exit.debug.exception, 1);
    assert_true(guest->exit.debug.dr6 & dr6);
}

static void single_step(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest);
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    expect_debug(&guest, CODE + 1, ABX_DEBUG_DR6_SINGLE_STEP);
    expect_debug(&guest, CODE + 2, ABX_DEBUG_DR6_SINGLE_STEP);
    expect_debug(&guest, CODE + READ_AT, ABX_DEBUG_DR6_SINGLE_STEP);
    /* Somewhere else: a write that is on its way must be there before the step. */
    guest_set(&guest, ABX_X86_RIP, CODE);
    expect_debug(&guest, CODE + 1, ABX_DEBUG_DR6_SINGLE_STEP);
    guest_set(&guest, ABX_X86_RIP, CODE + OUT_AT);
    assert_ok(abx_vcpu_set_debug(guest.vcpu, NULL));
    guest_run_to_out(&guest, 0x10);
    guest_close(&guest);
}

static void breakpoints(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest);
    const abx_breakpoint breakpoint = { CODE + 1, 1, ABX_BREAK_EXECUTE };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = &breakpoint;
    config.breakpoint_count = 1;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    expect_debug(&guest, CODE + 1, ABX_DEBUG_DR6_BREAKPOINT(0));
    guest_close(&guest);
}

static void watchpoints(void **state)
{
    (void)state;
    require_hardware("watches no data");
    kvm_guest guest;
    start(&guest);
    const abx_breakpoint watched[] = {
        { WATCHED, 1, ABX_BREAK_WRITE },
        { WATCHED, 2, ABX_BREAK_ACCESS },
    };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = watched;
    config.breakpoint_count = 2;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    expect_debug(&guest, CODE + READ_AT, ABX_DEBUG_DR6_BREAKPOINT(0));
    expect_debug(&guest, CODE + INT3_AT, ABX_DEBUG_DR6_BREAKPOINT(1));
    guest_close(&guest);
}

static void software_breakpoints(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest);
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.software_breakpoints = true;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    /* Otherwise to the guest's own handler, real mode's vector 3. */
    assert_ok(abx_memory_store(guest.vm, 3 * 4, 4, CODE + OUT_AT));
    assert_ok(abx_vcpu_run(guest.vcpu, &guest.exit));
    if (guest.exit.kind == ABX_EXIT_IO) {
        print_message("this host's hardware virtualization, itself emulated, hides breakpoint instructions\n");
        guest_close(&guest);
        skip();
    }
    assert_int_equal(guest.exit.kind, ABX_EXIT_DEBUG);
    assert_int_equal(guest.exit.debug.exception, 3);
    assert_int_equal(guest.exit.debug.pc, CODE + INT3_AT);
    guest_set(&guest, ABX_X86_RIP, CODE + OUT_AT);
    assert_int_equal(guest_run_to_out(&guest, 0x10), 5);
    guest_close(&guest);
}

static void too_many_or_wrong_breakpoints(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest);
    abx_breakpoint breakpoints[5] = { { 0x1000, 1, ABX_BREAK_EXECUTE } };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = breakpoints;
    config.breakpoint_count = 5;
    for (size_t i = 0; i < 5; i++)
        breakpoints[i] = breakpoints[0];
    assert_status(abx_vcpu_set_debug(guest.vcpu, &config), ABX_ERR_LIMIT);
    config.breakpoint_count = 1;
    breakpoints[0] = (abx_breakpoint){ 0x1001, 2, ABX_BREAK_WRITE };
    assert_status(abx_vcpu_set_debug(guest.vcpu, &config), ABX_ERR_INVALID);
    guest_close(&guest);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_step),
        cmocka_unit_test(breakpoints),
        cmocka_unit_test(watchpoints),
        cmocka_unit_test(software_breakpoints),
        cmocka_unit_test(too_many_or_wrong_breakpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
