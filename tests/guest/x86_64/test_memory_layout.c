/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where RAM lies, as the guest finds it. */
#include "harness.h"
#include "memory.h"

/* RAM beyond the 32-bit device hole: the rest lies at 4 GiB. */
static void test_around_the_device_hole(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.memory_size = (UINT64_C(3) << 30) + (64 << 20);
    guest g;
    guest_open(&g, "memory", &config);
    abx_memory_info infos[2];
    size_t count;
    assert_ok(abx_memory_list(g.vm, infos, 2, &count));
    assert_int_equal(count, 2);
    assert_int_equal(infos[0].gpa, 0);
    assert_int_equal(infos[0].length, UINT64_C(3) << 30);
    assert_int_equal(infos[1].gpa, UINT64_C(1) << 32);
    assert_int_equal(infos[1].length, 64 << 20);
    guest_answer(&g, POKE);
    guest_answer(&g, 0xbffffffc);
    guest_answer(&g, 3);
    guest_expect_sync(&g, 0);
    guest_answer(&g, PEEK);
    guest_answer(&g, 0xc0000000);
    guest_run_to(&g, ABX_EXIT_MMIO);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_around_the_device_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
