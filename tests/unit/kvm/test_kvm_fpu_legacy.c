/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/fpu_legacy.h"

#include "cmocka_kvm.h"

#include <string.h>

static void fields_are_where_fxsave_has_them(void **state)
{
    (void)state;
    abx_x86_fpu fpu = { .fcw = 0x37f,
                        .fsw = 0x3800,
                        .ftw = 0x80,
                        .last_opcode = 0x7ff,
                        .last_ip = 0x1122334455667788,
                        .last_dp = 0x8877665544332211,
                        .mxcsr = 0x1f80 };
    fpu.st[7][9] = 0xaa;
    fpu.xmm[15][15] = 0xbb;
    uint8_t area[576];
    memset(area, 0x5a, sizeof(area));
    area[512] = 4; /* AVX in use */
    abx_fpu_to_xsave(area, &fpu);
    const uint8_t start[] = { 0x7f, 0x03, 0x00, 0x38, 0x80, 0x5a, 0xff, 0x07, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
                              0x22, 0x11, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x80, 0x1f, 0x00, 0x00 };
    assert_memory_equal(area, start, sizeof(start));
    assert_int_equal(area[28], 0x5a); /* the mask of MXCSR is not ours */
    assert_int_equal(area[32 + 7 * 16 + 9], 0xaa);
    assert_int_equal(area[415], 0xbb);
    assert_int_equal(area[416], 0x5a);
    assert_int_equal(area[512], 7);

    abx_x86_fpu back;
    memset(&back, 0xff, sizeof(back));
    abx_fpu_from_xsave(&back, area);
    assert_memory_equal(&back, &fpu, sizeof(fpu));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fields_are_where_fxsave_has_them) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
