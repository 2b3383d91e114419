/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include <arcbox/base.h>

#include <stdio.h>

static void names_and_architectures_match(void **state)
{
    (void)state;
    assert_string_equal(abx_arch_name(ABX_ARCH_X86_64), "x86_64");
    assert_string_equal(abx_arch_name(ABX_ARCH_ARM64), "arm64");
    assert_string_equal(abx_arch_name((abx_arch)9), "unknown");
    assert_string_equal(abx_arch_name(ABX_ARCH_HOST), abx_arch_name(abx_host_arch()));
}

static void parsing_knows_both_names(void **state)
{
    (void)state;
    abx_arch arch = (abx_arch)9;
    assert_true(abx_arch_parse("amd64", &arch));
    assert_int_equal(arch, ABX_ARCH_X86_64);
    assert_true(abx_arch_parse("aarch64", &arch));
    assert_int_equal(arch, ABX_ARCH_ARM64);
    assert_false(abx_arch_parse("pdp11", &arch));
    assert_int_equal(arch, ABX_ARCH_ARM64);
    assert_true(abx_arch_parse("x86_64", &arch));
    assert_true(abx_arch_parse(NULL, &arch));
    assert_int_equal(arch, ABX_ARCH_HOST);
}

static void version_is_that_of_the_header(void **state)
{
    (void)state;
    char text[32];
    snprintf(text, sizeof(text), "%d.%d.%d", ABX_VERSION_MAJOR, ABX_VERSION_MINOR, ABX_VERSION_PATCH);
    assert_string_equal(abx_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_architectures_match),
        cmocka_unit_test(parsing_knows_both_names),
        cmocka_unit_test(version_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
