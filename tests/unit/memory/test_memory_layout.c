/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_layout.h"

#include "fake_backend.h"

static const uint64_t GIB = UINT64_C(1) << 30;

static void x86_64_leaves_the_device_hole(void **state)
{
    (void)state;
    abx_ram_range ranges[ABX_RAM_RANGES];
    assert_int_equal(abx_memory_layout(ABX_ARCH_X86_64, 0, ranges), 0);
    assert_int_equal(abx_memory_layout(ABX_ARCH_X86_64, PAGE, ranges), 1);
    assert_int_equal(ranges[0].gpa, 0);
    assert_int_equal(ranges[0].length, PAGE);
    assert_int_equal(abx_memory_layout(ABX_ARCH_X86_64, 3 * GIB, ranges), 1);
    assert_int_equal(ranges[0].length, 3 * GIB);
    assert_int_equal(abx_memory_layout(ABX_ARCH_X86_64, 3 * GIB + PAGE, ranges), 2);
    assert_int_equal(ranges[0].length, 3 * GIB);
    assert_int_equal(ranges[1].gpa, 4 * GIB);
    assert_int_equal(ranges[1].length, PAGE);
    assert_int_equal(abx_memory_layout(ABX_ARCH_X86_64, 64 * GIB, ranges), 2);
    assert_int_equal(ranges[0].length + ranges[1].length, 64 * GIB);
}

static void arm64_is_in_one_piece(void **state)
{
    (void)state;
    abx_ram_range ranges[ABX_RAM_RANGES];
    assert_int_equal(abx_memory_layout(ABX_ARCH_ARM64, 0, ranges), 0);
    assert_int_equal(abx_memory_layout(ABX_ARCH_ARM64, 64 * GIB, ranges), 1);
    assert_int_equal(ranges[0].gpa, 0x40000000);
    assert_int_equal(ranges[0].length, 64 * GIB);
}

static void host_stands_for_its_architecture(void **state)
{
    (void)state;
    abx_ram_range host[ABX_RAM_RANGES];
    abx_ram_range named[ABX_RAM_RANGES];
    assert_int_equal(abx_memory_layout(ABX_ARCH_HOST, 5 * GIB, host),
                     abx_memory_layout(abx_host_arch(), 5 * GIB, named));
    assert_int_equal(host[0].gpa, named[0].gpa);
    assert_int_equal(host[0].length, named[0].length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x86_64_leaves_the_device_hole),
        cmocka_unit_test(arm64_is_in_one_piece),
        cmocka_unit_test(host_stands_for_its_architecture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
