/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/register_map.h"
#include "rig.h"

#include <string.h>

static void names_have_places(void **state)
{
    (void)state;
    static const struct {
        abx_reg name;
        abx_place place;
    } cases[] = {
        { ABX_ARM64_X(0), { .kind = ABX_PLACE_GENERAL, .number = 0 } },
        { ABX_ARM64_X(30), { .kind = ABX_PLACE_GENERAL, .number = 30 } },
        { ABX_ARM64_SP, { .kind = ABX_PLACE_SYSREG, .number = 0xc208 } },
        { ABX_ARM64_PC, { .kind = ABX_PLACE_GENERAL, .number = 31 } },
        { ABX_ARM64_PSTATE, { .kind = ABX_PLACE_GENERAL, .number = 34 } },
        { ABX_ARM64_SP_EL1, { .kind = ABX_PLACE_SYSREG, .number = 0xe208 } },
        { ABX_ARM64_ELR_EL1, { .kind = ABX_PLACE_SYSREG, .number = 0xc201 } },
        { ABX_ARM64_SPSR_EL1, { .kind = ABX_PLACE_SYSREG, .number = 0xc200 } },
        { ABX_ARM64_V_LOW(31), { .kind = ABX_PLACE_VECTOR, .number = 31 } },
        { ABX_ARM64_V_HIGH(2), { .kind = ABX_PLACE_VECTOR, .number = 2, .upper = true } },
        { ABX_ARM64_FPSR, { .kind = ABX_PLACE_GENERAL, .number = 33, .narrow = true } },
        { ABX_ARM64_FPCR, { .kind = ABX_PLACE_GENERAL, .number = 32, .narrow = true } },
        { ABX_ARM64_TTBR1_EL1, { .kind = ABX_PLACE_SYSREG, .number = 0xc101 } },
        { ABX_ARM64_CNTV_CVAL_EL0, { .kind = ABX_PLACE_SYSREG, .number = 0xdf1a } },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_place place;
        assert_true(abx_register_place(cases[i].name, &place));
        assert_int_equal(place.kind, cases[i].place.kind);
        assert_int_equal(place.number, cases[i].place.number);
        assert_int_equal(place.upper, cases[i].place.upper);
        assert_int_equal(place.narrow, cases[i].place.narrow);
    }
    static const abx_reg unknown[] = { ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 37),
                                       ABX_ARM64_REG(ABX_ARM64_CLASS_FP, 66),
                                       ABX_ARM64_REG(ABX_ARM64_CLASS_SYSREG, 1 << 16),
                                       ABX_ARM64_Z(0, 0),
                                       ABX_ARM64_REG(0, 0),
                                       ABX_REG(ABX_ARCH_X86_64, 1, 0) };
    abx_place place;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(abx_register_place(unknown[i], &place));
}

static void batches_are_read_and_written(void **state)
{
    hvf_rig *rig = *state;
    static const abx_reg names[] = { ABX_ARM64_X(1),   ABX_ARM64_V_HIGH(4), ABX_ARM64_V_LOW(4), ABX_ARM64_FPCR,
                                     ABX_ARM64_SP_EL1, ABX_ARM64_TTBR0_EL1, ABX_ARM64_PC };
    static const uint64_t values[] = { 11, 0x8877665544332211, 0x1122334455667788, 0x01000000, 55, 66, 77 };
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    assert_int_equal(abx_vcpu_write_registers(rig->vcpu, names, values, COUNT), ABX_OK);
    assert_int_equal(rig->hv->general[1], 11);
    assert_int_equal(rig->hv->vectors[4][0], 0x88);
    assert_int_equal(rig->hv->vectors[4][8], 0x11);
    assert_int_equal(rig->hv->sysregs[0xe208], 55);
    uint64_t read[COUNT];
    assert_int_equal(abx_vcpu_read_registers(rig->vcpu, names, read, COUNT), ABX_OK);
    assert_memory_equal(read, values, sizeof(values));
    assert_int_equal(abx_vcpu_read_registers(rig->vcpu, NULL, NULL, 0), ABX_OK);
}

static void a_class_is_written_wholly_or_not(void **state)
{
    hvf_rig *rig = *state;
    static const abx_reg names[] = { ABX_ARM64_X(1), ABX_ARM64_X(2), ABX_ARM64_PC };
    static const uint64_t values[] = { 1, 2, 3 };
    rig->hv->general[1] = 101;
    rig->hv->general[2] = 102;
    for (uint32_t at = 1; at <= 6; at++) {
        fake.fail_at = fake.calls + at;
        assert_fails(abx_vcpu_write_registers(rig->vcpu, names, values, 3), ABX_ERR_SYSTEM, "write register");
        assert_int_equal(rig->hv->general[1], 101);
        assert_int_equal(rig->hv->general[2], 102);
        assert_int_equal(rig_pc(rig), 0);
    }
    uint64_t read[3] = { 7, 8, 9 };
    fake.fail_at = fake.calls + 3;
    assert_fails(abx_vcpu_read_registers(rig->vcpu, names, read, 3), ABX_ERR_SYSTEM, "read register");
    assert_int_equal(read[0], 7);
}

static void what_there_is_not_is_not_found(void **state)
{
    hvf_rig *rig = *state;
    uint64_t value = 5;
    assert_fails(abx_vcpu_read_register(rig->vcpu, ABX_ARM64_Z(0, 0), &value), ABX_ERR_NOT_FOUND, "look up register");
    fake.unknown_sysreg = 0xc081; /* ACTLR_EL1 before macOS 15 */
    const abx_reg actlr = ABX_ARM64_SYSREG(3, 0, 1, 0, 1);
    assert_fails(abx_vcpu_read_register(rig->vcpu, actlr, &value), ABX_ERR_NOT_FOUND, "does not have it");
    assert_fails(abx_vcpu_write_register(rig->vcpu, actlr, 1), ABX_ERR_NOT_FOUND, "does not have it");
    assert_int_equal(value, 5);
    assert_fails(abx_vcpu_write_register(rig->vcpu, ABX_ARM64_FPSR, UINT64_C(1) << 32), ABX_ERR_RANGE, "32 bits");
}

static void large_batches_need_room(void **state)
{
    hvf_rig *rig = *state;
    abx_reg names[200];
    uint64_t values[200];
    for (size_t i = 0; i < 200; i++) {
        names[i] = ABX_ARM64_X(i % 31);
        values[i] = i;
    }
    assert_int_equal(abx_vcpu_write_registers(rig->vcpu, names, values, 200), ABX_OK);
    assert_int_equal(rig->hv->general[13], 199); /* 199 is 13 modulo 31 */
    assert_int_equal(abx_vcpu_read_registers(rig->vcpu, names, values, 200), ABX_OK);
    assert_int_equal(values[13], 199);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_places),    CASE(batches_are_read_and_written),
        CASE(a_class_is_written_wholly_or_not), CASE(what_there_is_not_is_not_found),
        CASE(large_batches_need_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
