/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static abx_cause cause_of(uint64_t esr)
{
    return abx_syndrome_decode(esr).cause;
}

static void classes_give_causes(void **state)
{
    (void)state;
    static const struct {
        uint64_t esr;
        abx_cause cause;
    } cases[] = {
        { WFI, ABX_CAUSE_WAIT_INTERRUPT },
        { WFE, ABX_CAUSE_WAIT_EVENT },
        { ESR(0x01, 2), ABX_CAUSE_WAIT_EVENT }, /* WFIT: it may end early */
        { ESR(0x01, 3), ABX_CAUSE_WAIT_EVENT },
        { ESR(0x01, 1u << 24 | 0xeu << 20), ABX_CAUSE_WAIT_INTERRUPT }, /* CV and COND mean nothing */
        { HVC, ABX_CAUSE_HVC },
        { ESR(0x16, 0xffff), ABX_CAUSE_HVC },
        { SMC, ABX_CAUSE_SMC },
        { ESR(0x18, 0), ABX_CAUSE_SYSREG },
        { ESR(0x20, 0x07), ABX_CAUSE_FETCH },
        { LOAD(0, 0), ABX_CAUSE_ACCESS },
        { ESR(0x24, 0x07), ABX_CAUSE_UNDESCRIBED },
        { ESR(0x24, 1u << 8 | 0x47), ABX_CAUSE_CACHE },
        { ESR(0x30, 0x22), ABX_CAUSE_DEBUG },
        { ESR(0x32, 0x22), ABX_CAUSE_DEBUG },
        { ESR(0x34, 0x22), ABX_CAUSE_DEBUG },
        { ESR(0x3c, 7), ABX_CAUSE_BRK },
        { ESR(0x00, 0), ABX_CAUSE_UNKNOWN },
        { ESR(0x07, 0), ABX_CAUSE_UNKNOWN }, /* FP */
        { ESR(0x12, 0), ABX_CAUSE_UNKNOWN }, /* HVC of AArch32 */
        { ESR(0x19, 0), ABX_CAUSE_UNKNOWN }, /* SVE */
        { ESR(0x21, 0), ABX_CAUSE_UNKNOWN }, /* of EL2 itself */
        { ESR(0x25, 0), ABX_CAUSE_UNKNOWN },
        { ESR(0x2f, 0), ABX_CAUSE_UNKNOWN },
        { ESR(0x3f, 0), ABX_CAUSE_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cause_of(cases[i].esr), cases[i].cause);
        assert_int_equal(abx_syndrome_decode(cases[i].esr).class, cases[i].esr >> 26 & 0x3f);
    }
}

/* Every combination of size, sign, width, register and direction, with a status that says nothing here. */
static void accesses_are_described(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 1u << 10; bits++) {
        uint32_t log2 = bits & 3, sign = bits >> 2 & 1, wide = bits >> 3 & 1, write = bits >> 4 & 1, reg = bits >> 5;
        for (uint32_t status = 4; status < 16; status++) {
            abx_syndrome s = abx_syndrome_decode(
                ESR(0x24, 1u << 24 | log2 << 22 | sign << 21 | reg << 16 | wide << 15 | write << 6 | status));
            assert_int_equal(s.cause, ABX_CAUSE_ACCESS);
            assert_int_equal(s.access.size, 1u << log2);
            assert_int_equal(s.access.extended, sign);
            assert_int_equal(s.access.wide, wide);
            assert_int_equal(s.access.reg, reg);
            assert_int_equal(s.write, write);
            assert_false(s.walk);
            assert_false(s.no_address);
        }
    }
}

static void aborts_tell_walks_and_missing_addresses(void **state)
{
    (void)state;
    abx_syndrome s = abx_syndrome_decode(ESR(0x24, 1u << 7 | 0x05));
    assert_int_equal(s.cause, ABX_CAUSE_UNDESCRIBED);
    assert_true(s.walk);
    assert_false(s.write);
    s = abx_syndrome_decode(ESR(0x24, 1u << 10 | 1u << 6 | 0x10));
    assert_true(s.no_address);
    assert_true(s.write);
    s = abx_syndrome_decode(ESR(0x20, 1u << 10 | 1u << 7 | 0x05));
    assert_true(s.walk);
    assert_true(s.no_address);
}

static void system_registers_have_their_numbers(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {
        ABX_ARM64_SYSREG_NUMBER(3, 0, 1, 0, 1),   ABX_ARM64_SYSREG_NUMBER(3, 3, 14, 0, 2),
        ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4),   ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 12, 5),
        ABX_ARM64_SYSREG_NUMBER(3, 7, 15, 15, 7), ABX_ARM64_SYSREG_NUMBER(1, 0, 7, 6, 2),
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        for (uint32_t reg = 0; reg < 32; reg++) {
            abx_syndrome s = abx_syndrome_decode(MRS(numbers[i], reg));
            assert_int_equal(s.sysreg.number, numbers[i]);
            assert_int_equal(s.sysreg.reg, reg);
            assert_true(s.sysreg.read);
            assert_false(abx_syndrome_decode(MSR(numbers[i], reg)).sysreg.read);
        }
    }
}

static void loads_are_extended(void **state)
{
    (void)state;
    static const struct {
        abx_access access;
        uint64_t value, result;
    } cases[] = {
        { { .size = 1 }, 0xffffff80, 0x80 },
        { { .size = 1, .wide = true }, UINT64_MAX, 0xff },
        { { .size = 1, .extended = true }, 0x80, 0xffffff80 },
        { { .size = 1, .extended = true, .wide = true }, 0x80, 0xffffffffffffff80 },
        { { .size = 1, .extended = true, .wide = true }, 0x7f, 0x7f },
        { { .size = 2, .extended = true }, 0x8000, 0xffff8000 },
        { { .size = 2, .extended = true, .wide = true }, 0x12348000, 0xffffffffffff8000 },
        { { .size = 4 }, UINT64_MAX, 0xffffffff },
        { { .size = 4, .extended = true, .wide = true }, 0x80000000, 0xffffffff80000000 },
        { { .size = 4, .extended = true, .wide = true }, 0x7fffffff, 0x7fffffff },
        { { .size = 8, .wide = true }, UINT64_MAX, UINT64_MAX },
        { { .size = 8, .wide = true, .extended = true }, 0x8000000000000001, 0x8000000000000001 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(abx_access_extend(&cases[i].access, cases[i].value), cases[i].result);
}

static void stores_are_cut(void **state)
{
    (void)state;
    static const uint64_t whole = UINT64_C(0x1122334455667788);
    assert_int_equal(abx_access_cut(&(abx_access){ .size = 1 }, whole), 0x88);
    assert_int_equal(abx_access_cut(&(abx_access){ .size = 2 }, whole), 0x7788);
    assert_int_equal(abx_access_cut(&(abx_access){ .size = 4 }, whole), 0x55667788);
    assert_int_equal(abx_access_cut(&(abx_access){ .size = 8 }, whole), whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_give_causes),
        cmocka_unit_test(accesses_are_described),
        cmocka_unit_test(aborts_tell_walks_and_missing_addresses),
        cmocka_unit_test(system_registers_have_their_numbers),
        cmocka_unit_test(loads_are_extended),
        cmocka_unit_test(stores_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
