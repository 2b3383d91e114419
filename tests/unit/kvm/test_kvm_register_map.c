/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/register_map.h"

#include "cmocka_kvm.h"

static void knows_its_own_names_only(void **state)
{
    (void)state;
    const abx_reg known[] = {
        ABX_X86_RAX,
        ABX_X86_RFLAGS,
        ABX_X86_SEG(ABX_X86_SEG_ES, ABX_X86_SEG_SELECTOR),
        ABX_X86_SEG(ABX_X86_SEG_TR, ABX_X86_SEG_ATTRIBUTES),
        ABX_X86_GDTR_BASE,
        ABX_X86_CR8,
        ABX_X86_APIC_BASE,
        ABX_X86_DR(0),
        ABX_X86_DR(7),
        ABX_X86_XCR0,
        ABX_X86_MSR(0),
        ABX_X86_MSR(0xffffffff),
    };
    const abx_reg unknown[] = {
        0,
        UINT64_MAX,
        ABX_X86_REG(ABX_X86_CLASS_GPR, 18),
        ABX_X86_SEG(ABX_X86_SEG_COUNT, 0),
        ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 63),
        ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 81), /* CR1 */
        ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 98),
        ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 0xffffffff),
        ABX_X86_DR(4),
        ABX_X86_DR(8),
        ABX_X86_REG(ABX_X86_CLASS_XCR, 1),
        ABX_X86_REG(0, 0),
        ABX_X86_REG(6, 0),
        ABX_REG(ABX_ARCH_ARM64, ABX_X86_CLASS_GPR, 0),
        ABX_X86_RAX | UINT64_C(1) << 32, /* bits between number and class */
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_true(abx_x86_register_known(known[i]));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(abx_x86_register_known(unknown[i]));
}

static void finds_general_registers(void **state)
{
    (void)state;
    const struct kvm_regs registers = { 0, 3, 1, 2, 6, 7, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 };
    struct kvm_regs copy = { 0 };
    for (uint32_t number = 0; number < 18; number++) {
        /* The structure above has in each register the number that instructions encode it by. */
        assert_int_equal(abx_x86_get_general(&registers, number), number);
        assert_true(abx_x86_set_general(&copy, number, number));
    }
    assert_int_equal(copy.rflags, 17 | 2); /* bit 1 is always set */
    assert_int_equal(copy.rsp, 4);
    assert_int_equal(copy.rdi, 7);
    assert_true(abx_x86_set_general(&copy, 4, UINT64_MAX));
    assert_int_equal(copy.rsp, UINT64_MAX);
}

static void system_round_trip(abx_reg name, uint64_t value)
{
    struct kvm_sregs registers = { 0 };
    assert_true(abx_x86_set_system(&registers, ABX_REG_NUMBER(name), value));
    assert_int_equal(abx_x86_get_system(&registers, ABX_REG_NUMBER(name)), value);
    /* And nowhere else. */
    assert_true(abx_x86_set_system(&registers, ABX_REG_NUMBER(name), 0));
    const struct kvm_sregs zero = { 0 };
    assert_memory_equal(&registers, &zero, sizeof(zero));
}

static void finds_system_registers(void **state)
{
    (void)state;
    for (uint32_t segment = 0; segment < ABX_X86_SEG_COUNT; segment++) {
        system_round_trip(ABX_X86_SEG(segment, ABX_X86_SEG_SELECTOR), 0xffff);
        system_round_trip(ABX_X86_SEG(segment, ABX_X86_SEG_BASE), UINT64_MAX);
        system_round_trip(ABX_X86_SEG(segment, ABX_X86_SEG_LIMIT), UINT32_MAX);
        system_round_trip(ABX_X86_SEG(segment, ABX_X86_SEG_ATTRIBUTES), 0x1f0ff);
    }
    const abx_reg wide[] = { ABX_X86_GDTR_BASE, ABX_X86_IDTR_BASE, ABX_X86_CR0,  ABX_X86_CR2,      ABX_X86_CR3,
                             ABX_X86_CR4,       ABX_X86_CR8,       ABX_X86_EFER, ABX_X86_APIC_BASE };
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
        system_round_trip(wide[i], UINT64_MAX);
    system_round_trip(ABX_X86_GDTR_LIMIT, 0xffff);
    system_round_trip(ABX_X86_IDTR_LIMIT, 0xffff);

    struct kvm_sregs registers = { 0 };
    assert_true(abx_x86_set_system(&registers, ABX_REG_NUMBER(ABX_X86_SEG(ABX_X86_SEG_SS, ABX_X86_SEG_BASE)), 5));
    assert_int_equal(registers.ss.base, 5);
    assert_true(abx_x86_set_system(&registers, ABX_REG_NUMBER(ABX_X86_SEG(ABX_X86_SEG_LDTR, ABX_X86_SEG_BASE)), 6));
    assert_int_equal(registers.ldt.base, 6);
    assert_true(abx_x86_set_system(&registers, ABX_REG_NUMBER(ABX_X86_EFER), 7));
    assert_int_equal(registers.efer, 7);
}

static void refuses_table_limits_above_16_bits(void **state)
{
    (void)state;
    struct kvm_sregs registers = { .gdt.limit = 9 };
    assert_false(abx_x86_set_system(&registers, ABX_REG_NUMBER(ABX_X86_GDTR_LIMIT), 0x10000));
    assert_false(abx_x86_set_system(&registers, ABX_REG_NUMBER(ABX_X86_IDTR_LIMIT), UINT64_MAX));
    assert_int_equal(registers.gdt.limit, 9);
}

static void finds_debug_registers(void **state)
{
    (void)state;
    const uint32_t numbers[] = { 0, 1, 2, 3, 6, 7 };
    struct kvm_debugregs registers = { 0 };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_true(abx_x86_set_debug(&registers, numbers[i], numbers[i] + 100));
    assert_int_equal(registers.db[0], 100);
    assert_int_equal(registers.db[3], 103);
    assert_int_equal(registers.dr6, 106);
    assert_int_equal(registers.dr7, 107);
    assert_int_equal(abx_x86_get_debug(&registers, 7), 107);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_own_names_only), cmocka_unit_test(finds_general_registers),
        cmocka_unit_test(finds_system_registers),   cmocka_unit_test(refuses_table_limits_above_16_bits),
        cmocka_unit_test(finds_debug_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
