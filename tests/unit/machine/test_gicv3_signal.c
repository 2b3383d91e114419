/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

#include "gicv3/state.h"

static void every_vcpu_has_its_affinity(void **state)
{
    (void)state;
    static const uint64_t nobody[] = { 16, 0x1f, 0x110, 0x800, 0x10000, 0x1000000, UINT32_MAX };
    gic_begin(ABX_GICV3_CPUS);
    for (uint32_t cpu = 0; cpu < ABX_GICV3_CPUS; cpu++)
        assert_int_equal(abx_gicv3_cpu_of(gic, ABX_ARM64_AFFINITY(cpu)), cpu);
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
        assert_int_equal(abx_gicv3_cpu_of(gic, nobody[i]), GICV3_NOBODY);
    assert_int_equal(abx_gicv3_cpu_of(gic, ABX_ARM64_AFFINITY(ABX_GICV3_CPUS)), GICV3_NOBODY);
    gic_end();
}

static void every_interrupt_has_its_bank(void **state)
{
    (void)state;
    uint32_t bit = 0;
    gic_begin(2);
    assert_ptr_equal(abx_gicv3_bank_of(gic, 1, 31, &bit), &gic->cpus[1].state.bank);
    assert_int_equal(bit, 0x80000000);
    assert_ptr_equal(abx_gicv3_bank_of(gic, 1, SPI, &bit), &gic->shared.banks[0]);
    assert_int_equal(bit, 1);
    assert_ptr_equal(abx_gicv3_bank_of(gic, 1, SPI + ABX_GICV3_SPIS - 1, &bit),
                     &gic->shared.banks[GICV3_SPI_BANKS - 1]);
    assert_null(abx_gicv3_bank_of(gic, 1, SPI + ABX_GICV3_SPIS, &bit));
    assert_null(abx_gicv3_bank_of(gic, 1, NONE, &bit));
    gic_end();
}

static void the_highest_active_priority_runs(void **state)
{
    (void)state;
    abx_gicv3_interface interface = { 0 };
    assert_int_equal(abx_gicv3_running_priority(&interface), 0xff);
    interface.active_priorities[1] = 0x80000000;
    assert_int_equal(abx_gicv3_running_priority(&interface), 0xf8);
    interface.active_priorities[0] = 0x110;
    assert_int_equal(abx_gicv3_running_priority(&interface), 0x20);
    interface.active_priorities[1] = 1;
    assert_int_equal(abx_gicv3_running_priority(&interface), 0);
}

/* IHI 0069, 4.8: the two groups count from different ends, unless they have one binary point in common. */
static void binary_points_divide_priorities(void **state)
{
    (void)state;
    abx_gicv3_interface interface = { .binary_point = { 2, 3 } };
    assert_int_equal(abx_gicv3_group_priority(&interface, 0, 0xa8), 0xa8);
    assert_int_equal(abx_gicv3_group_priority(&interface, 1, 0xa8), 0xa8);
    interface.binary_point[0] = 4;
    interface.binary_point[1] = 4;
    assert_int_equal(abx_gicv3_group_priority(&interface, 0, 0xf8), 0xe0);
    assert_int_equal(abx_gicv3_group_priority(&interface, 1, 0xf8), 0xf0);
    interface.control = ICC_CTLR_CBPR;
    assert_int_equal(abx_gicv3_group_priority(&interface, 1, 0xf8), 0xe0);
    interface.binary_point[0] = 7;
    assert_int_equal(abx_gicv3_group_priority(&interface, 0, 0xf8), 0);
    assert_int_equal(abx_gicv3_group_priority(&interface, 1, 0xf8), 0);
}

static void a_signal_must_beat_mask_and_priority(void **state)
{
    (void)state;
    abx_gicv3_cpu cpu = { .best = { .intid = GICV3_SPURIOUS } };
    cpu.state.interface = (abx_gicv3_interface){ .priority_mask = 0xf8, .binary_point = { 2, 3 } };
    assert_false(abx_gicv3_can_signal(&cpu));
    cpu.best = (abx_gicv3_best){ .intid = 40, .priority = 0xf0, .group = 1 };
    assert_true(abx_gicv3_can_signal(&cpu));
    cpu.best.priority = 0xf8;
    assert_false(abx_gicv3_can_signal(&cpu));
    cpu.best.priority = 0x80;
    cpu.state.interface.active_priorities[0] = 1u << 16;
    assert_false(abx_gicv3_can_signal(&cpu));
    cpu.best.priority = 0x78;
    assert_true(abx_gicv3_can_signal(&cpu));
    cpu.state.interface.binary_point[1] = 7; /* 0x78 and 0 are of one kind */
    cpu.state.interface.active_priorities[0] = 1;
    assert_false(abx_gicv3_can_signal(&cpu));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vcpu_has_its_affinity),          cmocka_unit_test(every_interrupt_has_its_bank),
        cmocka_unit_test(the_highest_active_priority_runs),     cmocka_unit_test(binary_points_divide_priorities),
        cmocka_unit_test(a_signal_must_beat_mask_and_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
