/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/exception.h"
#include "rig.h"

#define VBAR UINT64_C(0xffff800008010800)
#define PC   UINT64_C(0x400123)

static const abx_exception_context from_el1 = { .pc = PC, .pstate = 0x205, .vbar = VBAR };

static void the_vector_follows_level_and_stack(void **state)
{
    (void)state;
    static const struct {
        uint64_t pstate;
        uint64_t vector;
    } cases[] = { { 0x5, 0x200 }, { 0x3c5, 0x200 }, { 0x4, 0x000 }, { 0x0, 0x400 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_exception_context context = { .pc = PC, .pstate = cases[i].pstate, .vbar = VBAR };
        abx_exception sync = { .kind = ABX_EXCEPTION_DATA };
        abx_exception error = { .kind = ABX_EXCEPTION_SERROR };
        assert_int_equal(abx_exception_enter(&sync, &context).pc, VBAR + cases[i].vector);
        assert_int_equal(abx_exception_enter(&error, &context).pc, VBAR + cases[i].vector + 0x180);
    }
}

static void where_it_was_is_kept(void **state)
{
    (void)state;
    abx_exception data = { .kind = ABX_EXCEPTION_DATA, .address = 0x1234 };
    abx_exception_entry entry = abx_exception_enter(&data, &from_el1);
    assert_int_equal(entry.elr, PC);
    assert_int_equal(entry.spsr, from_el1.pstate);
    assert_int_equal(entry.far, 0x1234);
    assert_true(entry.sets_far);
}

static void the_syndrome_tells_kind_and_origin(void **state)
{
    (void)state;
    abx_exception_context from_el0 = from_el1;
    from_el0.pstate = 0;
    abx_exception data = { .kind = ABX_EXCEPTION_DATA };
    assert_int_equal(abx_exception_enter(&data, &from_el1).esr, ESR(0x25, 0x10));
    assert_int_equal(abx_exception_enter(&data, &from_el0).esr, ESR(0x24, 0x10));
    data.write = true;
    assert_int_equal(abx_exception_enter(&data, &from_el1).esr, ESR(0x25, 0x50));
    abx_exception fetch = { .kind = ABX_EXCEPTION_FETCH };
    assert_int_equal(abx_exception_enter(&fetch, &from_el1).esr, ESR(0x21, 0x10));
    assert_int_equal(abx_exception_enter(&fetch, &from_el0).esr, ESR(0x20, 0x10));
    abx_exception brk = { .kind = ABX_EXCEPTION_BRK, .syndrome = 0xf000 };
    assert_int_equal(abx_exception_enter(&brk, &from_el0).esr, ESR(0x3c, 0xf000));
    assert_false(abx_exception_enter(&brk, &from_el0).sets_far);
    abx_exception error = { .kind = ABX_EXCEPTION_SERROR, .syndrome = 0x3ffffff };
    assert_int_equal(abx_exception_enter(&error, &from_el1).esr, ESR(0x2f, 0x1ffffff));
}

static void handlers_begin_masked_and_inherit_flags(void **state)
{
    (void)state;
    abx_exception data = { .kind = ABX_EXCEPTION_DATA };
    abx_exception_context context = from_el1;
    context.sctlr = UINT64_C(1) << 23; /* SPAN */
    context.pstate = UINT64_C(0xf0000000);
    assert_int_equal(abx_exception_enter(&data, &context).pstate, 0xf00003c5);
    context.pstate |= UINT64_C(1) << 24; /* DIT stays */
    assert_int_equal(abx_exception_enter(&data, &context).pstate, 0xf10003c5);
    context.pstate = UINT64_C(1) << 22 | UINT64_C(1) << 21 | UINT64_C(1) << 20 | 3u << 10; /* SS, IL and BTYPE do not */
    assert_int_equal(abx_exception_enter(&data, &context).pstate, 0x4003c5);
    context.pstate = 0;
    context.sctlr = 0; /* without SPAN, PAN is set */
    assert_int_equal(abx_exception_enter(&data, &context).pstate, 0x4003c5);
    context.sctlr = UINT64_C(1) << 23 | UINT64_C(1) << 44; /* DSSBS gives SSBS */
    assert_int_equal(abx_exception_enter(&data, &context).pstate, 0x13c5);
}

static void who_takes_what(void **state)
{
    (void)state;
    assert_true(abx_exception_takes_serror(0x5));
    assert_false(abx_exception_takes_serror(0x105));
    assert_true(abx_exception_is_for_el1(0x0));
    assert_true(abx_exception_is_for_el1(0x4));
    assert_true(abx_exception_is_for_el1(0x3c5));
    assert_false(abx_exception_is_for_el1(0x3c9)); /* EL2 */
    assert_false(abx_exception_is_for_el1(0x10));  /* AArch32 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_follows_level_and_stack),
        cmocka_unit_test(where_it_was_is_kept),
        cmocka_unit_test(the_syndrome_tells_kind_and_origin),
        cmocka_unit_test(handlers_begin_masked_and_inherit_flags),
        cmocka_unit_test(who_takes_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
