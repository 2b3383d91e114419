/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory-mapped I/O in every size and direction. */
#include "harness.h"

enum { MMIO = 0xd0000000 };

static void test_all_sizes(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "io", NULL);
    guest_expect_sync(&g, 1);
    guest_expect_write(&g, MMIO + 1, 1, 0x11);
    guest_expect_write(&g, MMIO + 2, 2, 0x2233);
    guest_expect_write(&g, MMIO + 4, 4, 0x44556677);
    guest_expect_write(&g, MMIO + 8, 8, 0x8899aabbccddeeff);
    guest_answer_read(&g, MMIO + 16, 1, 0x88);
    guest_answer_read(&g, MMIO + 18, 2, 0x9a9b);
    guest_answer_read(&g, MMIO + 20, 4, 0xccddeeff);
    guest_answer_read(&g, MMIO + 24, 8, 0x0123456789abcdef);
    /* Loads that extend the sign: of positive numbers, as QEMU's emulated EL2 does not tell that they do. */
    guest_answer_read(&g, MMIO + 32, 1, 0x12);
    guest_answer_read(&g, MMIO + 34, 2, 0x3456);
    /* The zero register. */
    guest_expect_write(&g, MMIO + 40, 8, 0);
    guest_answer_read(&g, MMIO + 40, 8, UINT64_MAX);
    guest_answer(&g, 7);
    guest_expect_done(&g);
    guest_close(&g);
}

/* The answer is in its register without the guest having run on. */
static void test_complete(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "io", NULL);
    guest_expect_sync(&g, 1);
    assert_ok(abx_vcpu_complete_io(g.vcpu));
    uint64_t pc = guest_register(&g, ABX_ARM64_PC);
    assert_in_range(pc, g.entry.entry, g.entry.entry + 0x10000);
    guest_expect_write(&g, MMIO + 1, 1, 0x11);
    assert_ok(abx_vcpu_complete_io(g.vcpu));
    assert_true(guest_register(&g, ABX_ARM64_PC) > pc);
    guest_expect_write(&g, MMIO + 2, 2, 0x2233);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_sizes),
        cmocka_unit_test(test_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
