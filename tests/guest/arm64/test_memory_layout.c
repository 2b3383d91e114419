/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where RAM lies, as the guest finds it: from 1 GiB on, in one piece. */
#include "harness.h"
#include "memory.h"

static void poke(guest *g, uint32_t address, uint32_t value)
{
    guest_answer(g, POKE);
    guest_answer(g, address);
    guest_answer(g, value);
    guest_expect_sync(g, 0);
}

static void test_beyond_4_gib(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.memory_size = UINT64_C(3) << 30;
    config.memory_size += 64 << 20;
    guest g;
    guest_open(&g, "memory", &config);
    abx_memory_info infos[2];
    size_t count;
    assert_ok(abx_memory_list(g.vm, infos, 2, &count));
    assert_int_equal(count, 1);
    assert_int_equal(infos[0].gpa, ABX_ARM64_RAM);
    assert_int_equal(infos[0].length, config.memory_size);
    poke(&g, 0xfffffffc, 3);
    guest_answer(&g, PEEK);
    guest_answer(&g, ABX_ARM64_RAM - 4);
    guest_run_to(&g, ABX_EXIT_MMIO);
    assert_int_equal(g.exit.mmio.address, ABX_ARM64_RAM - 4);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beyond_4_gib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
