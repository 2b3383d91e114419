/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/arch.h"

static void test_tables(void **state)
{
    (void)state;
    assert_ptr_equal(abx_boot_arch_of(ABX_ARCH_X86_64), &abx_boot_x86_64);
    assert_ptr_equal(abx_boot_arch_of(ABX_ARCH_ARM64), &abx_boot_arm64);
    assert_ptr_equal(abx_boot_arch_of(ABX_ARCH_HOST), abx_boot_arch_of(abx_host_arch()));
    assert_null(abx_boot_arch_of((abx_arch)3));
    assert_null(abx_boot_arch_of((abx_arch)-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_tables) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
