/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <string.h>

#define PC UINT64_C(0x40001000)

static int setup(void **state)
{
    rig_setup(state);
    hvf_rig *rig = *state;
    rig->hv->general[HV_REG_PC] = PC;
    for (uint32_t i = 0; i <= HV_REG_X30; i++)
        rig->hv->general[i] = 0x1111111111111111 * (i % 15 + 1);
    return 0;
}

static void a_store_comes_out_cut(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, STORE(1, 3), RIG_DEVICE + 8);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_MMIO);
    assert_int_equal(exit.reason, 0x24);
    assert_int_equal(exit.mmio.address, RIG_DEVICE + 8);
    assert_int_equal(exit.mmio.direction, ABX_WRITE);
    assert_int_equal(exit.mmio.size, 2);
    assert_memory_equal(exit.mmio.data, "\x44\x44\0\0\0\0\0\0", 8);
    /* The registers are those before the instruction until it is completed. */
    assert_int_equal(rig_pc(rig), PC);
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_int_equal(rig_pc(rig), PC + 4);
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_int_equal(rig_pc(rig), PC + 4);
}

static void a_load_gets_its_value_at_the_next_run(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, LOAD(2, 5) | 1u << 21, RIG_DEVICE);
    rig_script(rig, WFI, 0);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.mmio.direction, ABX_READ);
    assert_int_equal(exit.mmio.size, 4);
    memcpy(exit.mmio.data, "\x01\0\0\x80\xff\xff", 6);
    assert_int_equal(rig->hv->general[5], 0x6666666666666666);
    exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_HALT);
    assert_int_equal(rig->hv->general[5], 0xffffffff80000001);
    assert_int_equal(rig_pc(rig), PC + 8); /* behind the load, and behind the WFI */
}

static void register_31_is_zero(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, STORE(3, 31), RIG_DEVICE);
    rig_script(rig, LOAD(3, 31), RIG_DEVICE);
    abx_exit exit = rig_run(rig);
    assert_memory_equal(exit.mmio.data, "\0\0\0\0\0\0\0\0", 8);
    exit = rig_run(rig);
    memset(exit.mmio.data, 0xff, 8);
    uint64_t before[HV_REG_PC];
    memcpy(before, rig->hv->general, sizeof(before));
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_memory_equal(before, rig->hv->general, sizeof(before));
    assert_int_equal(rig_pc(rig), PC + 8); /* and not what was read */
}

static void what_is_not_described_comes_out_so(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, ESR(0x24, 0x47), RIG_DEVICE + 16);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_DATA_ABORT);
    assert_int_equal(exit.data_abort.address, RIG_DEVICE + 16);
    assert_int_equal(exit.data_abort.syndrome, 0x47);
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_int_equal(rig_pc(rig), PC); /* nothing has been done */
}

static void cache_maintenance_of_nothing_does_nothing(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, ESR(0x24, 1u << 8 | 0x47), RIG_DEVICE);
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
    assert_int_equal(rig_pc(rig), PC + 8);
}

static void hypercalls_have_arguments_and_a_result(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, HVC, 0);
    rig_script(rig, SMC, 0);
    rig_script(rig, WFI, 0);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_HYPERCALL);
    assert_int_equal(exit.hypercall.number, 0x1111111111111111);
    for (uint64_t i = 0; i < 6; i++)
        assert_int_equal(exit.hypercall.arguments[i], 0x1111111111111111 * (i + 2));
    assert_int_equal(exit.hypercall.flags, 0);
    assert_int_equal(rig_pc(rig), PC); /* the framework has moved it already */
    *exit.hypercall.result = 77;
    exit = rig_run(rig);
    assert_int_equal(exit.hypercall.flags, 1);
    assert_int_equal(exit.hypercall.number, 77);
    assert_int_equal(rig_pc(rig), PC + 4);
    rig_run(rig);
    assert_int_equal(rig->hv->general[0], UINT64_MAX); /* nobody answered: NOT_SUPPORTED */
    assert_int_equal(rig_pc(rig), PC + 8);
}

static void waiting_for_events_is_no_exit(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, WFE, 0);
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
    assert_int_equal(rig_pc(rig), PC + 8);
}

static void nobody_waits_while_an_interrupt_is_there(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_arm64_set_irq(rig->vcpu, true, false), ABX_OK);
    rig_script(rig, WFI, 0);
    rig_script(rig, STORE(0, 0), RIG_DEVICE);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_MMIO);
}

static void system_registers_come_out(void **state)
{
    hvf_rig *rig = *state;
    const uint32_t number = ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 11, 5); /* ICC_SGI1R_EL1 */
    rig_script(rig, MSR(number, 2), 0);
    rig_script(rig, MRS(number, 4), 0);
    rig_script(rig, WFI, 0);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_SYSREG);
    assert_int_equal(exit.sysreg.reg, number);
    assert_int_equal(exit.sysreg.direction, ABX_WRITE);
    assert_int_equal(*exit.sysreg.data, 0x3333333333333333);
    assert_int_equal(rig_pc(rig), PC);
    exit = rig_run(rig);
    assert_int_equal(exit.sysreg.direction, ABX_READ);
    assert_int_equal(*exit.sysreg.data, 0);
    *exit.sysreg.data = 0xfedcba9876543210;
    rig_run(rig);
    assert_int_equal(rig->hv->general[4], 0xfedcba9876543210);
    assert_int_equal(rig_pc(rig), PC + 12);
}

static void the_timer_comes_out_and_stays_masked(void **state)
{
    hvf_rig *rig = *state;
    fake_reason(rig->object->id, HV_EXIT_REASON_VTIMER_ACTIVATED);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_TIMER);
    assert_true(rig->hv->timer_masked);
}

static void what_is_not_known_is_passed_on(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, ESR(0x19, 0), 0);
    fake_reason(rig->object->id, HV_EXIT_REASON_UNKNOWN);
    fake_reason(rig->object->id, 17);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_UNKNOWN);
    assert_int_equal(exit.reason, 0x19);
    exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_UNKNOWN);
    assert_int_equal(exit.reason, 0x103);
    assert_int_equal(rig_run(rig).reason, 0x111);
}

/* Code where there is no memory. */
static void a_fetch_abort_is_the_guests(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1)] = 0x40080000;
    rig->hv->general[HV_REG_CPSR] = ABX_ARM64_PSTATE_EL1H;
    rig_script(rig, ESR(0x20, 0x07), RIG_DEVICE);
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_ESR_EL1)], ESR(0x21, 0x10));
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_FAR_EL1)], RIG_DEVICE | UINT64_C(1) << 40);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_ELR_EL1], PC);
    assert_int_equal(rig_pc(rig), 0x40080000 + 0x200 + 4);
}

/* A store to read-only memory is for the VMM, like one to a device. */
static void writes_to_read_only_memory_come_out(void **state)
{
    hvf_rig *rig = *state;
    abx_memory_region rom = ABX_MEMORY_REGION_INIT;
    rom.gpa = 0x41000000;
    rom.length = RIG_RAM_SIZE;
    rom.flags = ABX_MEMORY_READ_ONLY;
    assert_int_equal(abx_memory_add(rig->vm, &rom), ABX_OK);
    assert_int_equal(fake_mapping(0x41000000)->flags, HV_MEMORY_READ | HV_MEMORY_EXEC);
    rig_script(rig, STORE(2, 1), 0x41000010);
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_MMIO);
    assert_int_equal(exit.mmio.address, 0x41000010);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_store_comes_out_cut),
        CASE(a_load_gets_its_value_at_the_next_run),
        CASE(register_31_is_zero),
        CASE(what_is_not_described_comes_out_so),
        CASE(cache_maintenance_of_nothing_does_nothing),
        CASE(hypercalls_have_arguments_and_a_result),
        CASE(waiting_for_events_is_no_exit),
        CASE(nobody_waits_while_an_interrupt_is_there),
        CASE(system_registers_come_out),
        CASE(the_timer_comes_out_and_stays_masked),
        CASE(what_is_not_known_is_passed_on),
        CASE(a_fetch_abort_is_the_guests),
        CASE(writes_to_read_only_memory_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
