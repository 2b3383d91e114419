/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/register_map.h"
#include "rig.h"

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

int main(void)
{
#define CASE(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        CASE(names_have_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
