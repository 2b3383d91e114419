/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <string.h>

#define REG(crm, op2) ABX_ARM64_SYSREG_NUMBER(2, 0, 0, crm, op2)
enum { BVR = 4, BCR, WVR, WCR };
#define STEP_BIT (UINT64_C(1) << 21)
#define PC       UINT64_C(0x40001000)

static void set(hvf_rig *rig, bool step, bool software, const abx_breakpoint *points, size_t count)
{
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = step;
    config.software_breakpoints = software;
    config.breakpoints = points;
    config.breakpoint_count = count;
    assert_int_equal(abx_vcpu_set_debug(rig->vcpu, &config), ABX_OK);
}

static void points_are_encoded(void **state)
{
    (void)state;
    static const abx_breakpoint points[] = {
        { .address = 0xffff800008001002, .length = 1, .kind = ABX_BREAK_EXECUTE },
        { .address = 0x1004, .length = 4, .kind = ABX_BREAK_WRITE },
        { .address = 0x2000, .length = 8, .kind = ABX_BREAK_ACCESS },
        { .address = 0x1003, .length = 1, .kind = ABX_BREAK_ACCESS },
    };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = points;
    config.breakpoint_count = 4;
    abx_debug_registers r = abx_debug_encode(&config);
    assert_int_equal(r.mdscr, 1u << 15);
    assert_int_equal(r.bvr[0], 0xffff800008001000);
    assert_int_equal(r.bcr[0], 0x1e7);
    assert_int_equal(r.wvr[0], 0x1000);
    assert_int_equal(r.wcr[0], 0xf0u << 5 | 2u << 3 | 7);
    assert_int_equal(r.wcr[1], 0xffu << 5 | 3u << 3 | 7);
    assert_int_equal(r.wvr[2], 0x1000);
    assert_int_equal(r.wcr[2], 0x08u << 5 | 3u << 3 | 7);
    assert_int_equal(r.bcr[1], 0);
    config = (abx_debug_config){ .single_step = true };
    assert_int_equal(abx_debug_encode(&config).mdscr, 1);
}

static void registers_are_found_by_number(void **state)
{
    (void)state;
    abx_debug_registers r;
    assert_ptr_equal(abx_debug_register(&r, ABX_SYSREG_MDSCR_EL1), &r.mdscr);
    assert_ptr_equal(abx_debug_register(&r, REG(0, BVR)), &r.bvr[0]);
    assert_ptr_equal(abx_debug_register(&r, REG(15, BCR)), &r.bcr[15]);
    assert_ptr_equal(abx_debug_register(&r, REG(3, WVR)), &r.wvr[3]);
    assert_ptr_equal(abx_debug_register(&r, REG(3, WCR)), &r.wcr[3]);
    assert_null(abx_debug_register(&r, REG(2, 0)));
    assert_null(abx_debug_register(&r, ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4)));
    assert_null(abx_debug_register(&r, ABX_ARM64_SYSREG_NUMBER(3, 0, 0, 0, 4)));
}

static void the_guests_registers_come_back(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->sysregs[ABX_SYSREG_MDSCR_EL1] = 0x2000;
    rig->hv->sysregs[REG(1, BVR)] = 0x111;
    rig->hv->sysregs[REG(3, WCR)] = 0x222;
    const abx_breakpoint point = { .address = PC, .length = 1, .kind = ABX_BREAK_EXECUTE };
    set(rig, false, false, &point, 1);
    assert_true(rig->hv->trap_exceptions && rig->hv->trap_accesses);
    assert_int_equal(rig->hv->sysregs[REG(0, BVR)], PC);
    assert_int_equal(rig->hv->sysregs[REG(1, BVR)], 0);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_MDSCR_EL1], 1u << 15);
    /* Who reads them, from outside or inside, sees the guest's; what is written is the guest's too. */
    uint64_t value;
    assert_int_equal(abx_vcpu_read_register(rig->vcpu, ABX_ARM64_SYSREG(2, 0, 0, 1, 4), &value), ABX_OK);
    assert_int_equal(value, 0x111);
    rig->hv->general[2] = 0x333;
    rig_script(rig, MSR(REG(1, BVR), 2), 0);
    rig_script(rig, MRS(ABX_SYSREG_MDSCR_EL1, 5), 0);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    assert_int_equal(rig->hv->general[5], 0x2000);
    assert_int_equal(rig->hv->sysregs[REG(1, BVR)], 0);
    assert_int_equal(abx_vcpu_set_debug(rig->vcpu, NULL), ABX_OK);
    assert_false(rig->hv->trap_exceptions || rig->hv->trap_accesses);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_MDSCR_EL1], 0x2000);
    assert_int_equal(rig->hv->sysregs[REG(0, BVR)], 0);
    assert_int_equal(rig->hv->sysregs[REG(1, BVR)], 0x333);
    assert_int_equal(rig->hv->sysregs[REG(3, WCR)], 0x222);
    assert_int_equal(abx_vcpu_set_debug(rig->vcpu, NULL), ABX_OK); /* nothing to end */
}

static void debug_exceptions_come_out(void **state)
{
    hvf_rig *rig = *state;
    static const uint32_t classes[] = { 0x30, 0x32, 0x34 };
    set(rig, true, false, NULL, 0);
    rig->hv->general[HV_REG_PC] = PC;
    for (size_t i = 0; i < 3; i++) {
        rig_script(rig, ESR(classes[i], 0x22), 0x8000);
        abx_exit exit = rig_run(rig);
        assert_int_equal(exit.kind, ABX_EXIT_DEBUG);
        assert_int_equal(exit.reason, classes[i]);
        assert_int_equal(exit.debug.pc, PC);
        assert_int_equal(exit.debug.syndrome, (uint32_t)ESR(classes[i], 0x22));
        assert_int_equal(exit.debug.address, 0x8000 | UINT64_C(1) << 40);
    }
}

static void steps_are_armed_before_every_run(void **state)
{
    hvf_rig *rig = *state;
    set(rig, true, false, NULL, 0);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_MDSCR_EL1], 1);
    rig_script(rig, ESR(0x32, 0x22), 0);
    rig_script(rig, LOAD(2, 1), RIG_DEVICE);
    rig_script(rig, ESR(0x32, 0x22), 0);
    rig_script(rig, HVC, 0);
    rig_script(rig, ESR(0x32, 0x22), 0);
    rig_run(rig);
    assert_true(rig->hv->ran_with_pstate & STEP_BIT);
    rig->hv->general[HV_REG_CPSR] &= ~STEP_BIT; /* as the processor leaves it */
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_MMIO);
    assert_true(rig->hv->ran_with_pstate & STEP_BIT);
    /* The load has been executed here: its step is over at once. */
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_DEBUG);
    assert_false(rig->hv->ran_with_pstate & STEP_BIT);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HYPERCALL);
    assert_true(rig->hv->ran_with_pstate & STEP_BIT);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_DEBUG);
    assert_false(rig->hv->ran_with_pstate & STEP_BIT);
}

static void the_step_bit_is_the_debuggers(void **state)
{
    hvf_rig *rig = *state;
    set(rig, true, false, NULL, 0);
    rig_script(rig, LOAD(2, 1), RIG_DEVICE);
    rig_run(rig);
    assert_true(rig->hv->general[HV_REG_CPSR] & STEP_BIT);
    uint64_t pstate;
    assert_int_equal(abx_vcpu_read_register(rig->vcpu, ABX_ARM64_PSTATE, &pstate), ABX_OK);
    assert_false(pstate & STEP_BIT);
    assert_int_equal(abx_vcpu_set_debug(rig->vcpu, NULL), ABX_OK);
    assert_false(rig->hv->general[HV_REG_CPSR] & STEP_BIT);
}

static void breakpoint_instructions_come_out_if_asked_for(void **state)
{
    hvf_rig *rig = *state;
    set(rig, false, true, NULL, 0);
    rig->hv->general[HV_REG_PC] = PC;
    rig_script(rig, ESR(0x3c, 7), 0);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_DEBUG);
    assert_int_equal(exit.debug.pc, PC);
    assert_int_equal(exit.debug.syndrome & 0xffff, 7);
}

static void otherwise_they_are_the_guests(void **state)
{
    hvf_rig *rig = *state;
    set(rig, true, false, NULL, 0);
    rig->hv->general[HV_REG_PC] = PC;
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1)] = 0x40080000;
    rig_script(rig, ESR(0x3c, 7), 0);
    rig_script(rig, ESR(0x32, 0x22), 0);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.debug.pc, 0x40080200);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_ESR_EL1)], ESR(0x3c, 7));
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_ELR_EL1], PC);
}

static void failures_end_debugging(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->sysregs[REG(1, BVR)] = 0x111;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.software_breakpoints = true;
    uint32_t failures = 0;
    for (uint32_t at = 1;; at++) {
        uint32_t first = fake.calls;
        fake.fail_at = first + at;
        abx_status status = abx_vcpu_set_debug(rig->vcpu, &config);
        bool reached = fake.calls >= first + at;
        fake.fail_at = 0;
        assert_int_equal(status, reached ? ABX_ERR_SYSTEM : ABX_OK);
        if (!reached)
            break;
        assert_false(rig->hv->trap_exceptions || rig->hv->trap_accesses);
        assert_int_equal(rig->hv->sysregs[REG(1, BVR)], 0x111);
        failures++;
    }
    assert_in_range(failures, 40, 60);
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_vcpu_set_debug(rig->vcpu, NULL), ABX_ERR_SYSTEM, "end the debugging of vCPU 0");
    assert_int_equal(abx_vcpu_set_debug(rig->vcpu, NULL), ABX_OK);
    assert_int_equal(rig->hv->sysregs[REG(1, BVR)], 0x111);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_encoded),
        cmocka_unit_test(registers_are_found_by_number),
        CASE(the_guests_registers_come_back),
        CASE(debug_exceptions_come_out),
        CASE(steps_are_armed_before_every_run),
        CASE(the_step_bit_is_the_debuggers),
        CASE(breakpoint_instructions_come_out_if_asked_for),
        CASE(otherwise_they_are_the_guests),
        CASE(failures_end_debugging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
