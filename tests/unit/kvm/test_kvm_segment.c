/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/segment.h"

#include "cmocka_kvm.h"

/* A flat 64-bit code segment: present, code, executed, long, 4 KiB granules. */
static const struct kvm_segment code = {
    .base = 0x123456789abcdef0,
    .limit = 0xffffffff,
    .selector = 0x10,
    .type = 0xb,
    .present = 1,
    .s = 1,
    .l = 1,
    .g = 1,
};

static void packs_each_attribute_where_vmx_has_it(void **state)
{
    (void)state;
    const struct {
        struct kvm_segment segment;
        uint32_t attributes;
    } cases[] = {
        { { .type = 0xf }, 0xf },      { { .s = 1 }, 1u << 4 },    { { .dpl = 3 }, 3u << 5 },
        { { .present = 1 }, 1u << 7 }, { { .avl = 1 }, 1u << 12 }, { { .l = 1 }, 1u << 13 },
        { { .db = 1 }, 1u << 14 },     { { .g = 1 }, 1u << 15 },   { { .unusable = 1 }, 1u << 16 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kvm_segment segment = { 0 };
        assert_int_equal(abx_segment_attributes(&cases[i].segment), cases[i].attributes);
        assert_true(abx_segment_set(&segment, ABX_X86_SEG_ATTRIBUTES, cases[i].attributes));
        assert_memory_equal(&segment, &cases[i].segment, sizeof(segment));
    }
    assert_int_equal(abx_segment_attributes(&code), 0xa09b);
}

static void gives_back_what_was_set(void **state)
{
    (void)state;
    struct kvm_segment copy = { 0 };
    for (uint32_t field = 0; field < 4; field++)
        assert_true(abx_segment_set(&copy, field, abx_segment_get(&code, field)));
    assert_memory_equal(&copy, &code, sizeof(copy));
}

static void refuses_values_without_room(void **state)
{
    (void)state;
    struct kvm_segment segment = code;
    assert_false(abx_segment_set(&segment, ABX_X86_SEG_SELECTOR, 0x10000));
    assert_false(abx_segment_set(&segment, ABX_X86_SEG_LIMIT, UINT64_C(0x100000000)));
    assert_false(abx_segment_set(&segment, ABX_X86_SEG_ATTRIBUTES, 1u << 8));
    assert_false(abx_segment_set(&segment, ABX_X86_SEG_ATTRIBUTES, 1u << 17));
    assert_false(abx_segment_set(&segment, ABX_X86_SEG_ATTRIBUTES, UINT64_C(1) << 40));
    assert_memory_equal(&segment, &code, sizeof(segment));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_each_attribute_where_vmx_has_it),
        cmocka_unit_test(gives_back_what_was_set),
        cmocka_unit_test(refuses_values_without_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
