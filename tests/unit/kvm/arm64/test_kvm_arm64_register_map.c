/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/arm64/register_access.h"
#include "linux/arm64/register_map.h"

#include "cmocka_kvm.h"

static void expect(abx_reg name, bool sve, uint64_t id, uint32_t offset, uint32_t width)
{
    abx_register_place place = { 0 };
    assert_true(abx_arm64_register_place(name, sve, &place));
    assert_int_equal(place.id, id);
    assert_int_equal(place.offset, offset);
    assert_int_equal(place.width, width);
}

/* The numbers as Documentation/virt/kvm/api.rst, 4.68, has them. */
static void core_registers_have_the_ids_of_the_documentation(void **state)
{
    (void)state;
    expect(ABX_ARM64_X(0), false, 0x6030000000100000, 0, 8);
    expect(ABX_ARM64_X(1), false, 0x6030000000100002, 0, 8);
    expect(ABX_ARM64_X(30), false, 0x603000000010003c, 0, 8);
    expect(ABX_ARM64_SP, false, 0x603000000010003e, 0, 8);
    expect(ABX_ARM64_PC, false, 0x6030000000100040, 0, 8);
    expect(ABX_ARM64_PSTATE, false, 0x6030000000100042, 0, 8);
    expect(ABX_ARM64_SP_EL1, false, 0x6030000000100044, 0, 8);
    expect(ABX_ARM64_ELR_EL1, false, 0x6030000000100046, 0, 8);
    expect(ABX_ARM64_SPSR_EL1, false, 0x6030000000100048, 0, 8);
    expect(ABX_ARM64_V_LOW(0), false, 0x6040000000100054, 0, 8);
    expect(ABX_ARM64_V_HIGH(1), false, 0x6040000000100058, 8, 8);
    expect(ABX_ARM64_V_LOW(31), false, 0x60400000001000d0, 0, 8);
    expect(ABX_ARM64_FPSR, false, 0x60200000001000d4, 0, 4);
    expect(ABX_ARM64_FPCR, false, 0x60200000001000d5, 0, 4);
    assert_int_equal(ABX_KVM_X(3), 0x6030000000100006);
    assert_int_equal(ABX_KVM_PC, 0x6030000000100040);
}

static void vectors_are_parts_of_scalable_ones(void **state)
{
    (void)state;
    expect(ABX_ARM64_V_HIGH(31), true, KVM_REG_ARM64_SVE_ZREG(31ull, 0), 8, 8);
    expect(ABX_ARM64_Z(5, 31), true, KVM_REG_ARM64_SVE_ZREG(5ull, 0), 248, 8);
    expect(ABX_ARM64_P(0, 0), true, KVM_REG_ARM64_SVE_PREG(0ull, 0), 0, 8);
    expect(ABX_ARM64_P(15, 3), true, KVM_REG_ARM64_SVE_PREG(15ull, 0), 24, 8);
    expect(ABX_ARM64_FFR(2), true, KVM_REG_ARM64_SVE_FFR(0), 16, 8);
    expect(ABX_ARM64_FPSR, true, 0x60200000001000d4, 0, 4);
    assert_int_equal(KVM_REG_SIZE(KVM_REG_ARM64_SVE_ZREG(0ull, 0)), ABX_REGISTER_MOST);
}

static void system_registers_keep_their_encoding(void **state)
{
    (void)state;
    expect(ABX_ARM64_MPIDR_EL1, false, 0x603000000013c005, 0, 8);
    expect(ABX_ARM64_SCTLR_EL1, false, 0x603000000013c080, 0, 8);
    expect(ABX_ARM64_VBAR_EL1, false, 0x603000000013c600, 0, 8);
    expect(ABX_ARM64_TPIDR_EL0, false, 0x603000000013de82, 0, 8);
    expect(ABX_ARM64_CNTV_CTL_EL0, false, KVM_REG_ARM_TIMER_CTL, 0, 8);
}

static void the_swapped_ones_are_swapped_back(void **state)
{
    (void)state;
    expect(ABX_ARM64_CNTV_CVAL_EL0, false, KVM_REG_ARM_TIMER_CVAL, 0, 8);
    expect(ABX_ARM64_CNTVCT_EL0, false, KVM_REG_ARM_TIMER_CNT, 0, 8);
}

static void what_there_is_not_has_no_place(void **state)
{
    (void)state;
    const abx_reg names[] = {
        ABX_ARM64_REG(0, 0),
        ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 37),
        ABX_ARM64_REG(ABX_ARM64_CLASS_FP, 66),
        ABX_ARM64_REG(ABX_ARM64_CLASS_SYSREG, 0x10000),
        ABX_ARM64_REG(ABX_ARM64_CLASS_SVE, 1092),
        ABX_ARM64_REG(5, 0),
        ABX_ARM64_X(0) | UINT64_C(1) << 40,
        ABX_REG(ABX_ARCH_X86_64, 1, 0),
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        abx_register_place place = { .id = 7 };
        assert_false(abx_arm64_register_place(names[i], true, &place));
        assert_int_equal(place.id, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_registers_have_the_ids_of_the_documentation),
        cmocka_unit_test(vectors_are_parts_of_scalable_ones),
        cmocka_unit_test(system_registers_keep_their_encoding),
        cmocka_unit_test(the_swapped_ones_are_swapped_back),
        cmocka_unit_test(what_there_is_not_has_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
