/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines, inputs, and what a controller is after reset. */
#include "gicv3_test.h"

static int end(void **state)
{
    (void)state;
    gic_end();
    return 0;
}

static void nothing_is_signalled_after_reset(void **state)
{
    (void)state;
    gic_begin(2);
    for (uint32_t i = 0; i < ABX_GICV3_SPIS; i++)
        abx_gicv3_set_spi(gic, i, true);
    for (uint32_t i = 0; i < 16; i++)
        abx_gicv3_set_ppi(gic, 1, i, true);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        assert_int_equal(abx_gicv3_inputs(gic, cpu), 0);
        assert_int_equal(gic_take(cpu), NONE);
        assert_int_equal(gic_woken[cpu], 0);
    }
}

static void a_level_lasts_as_long_as_its_line(void **state)
{
    (void)state;
    gic_begin_open(1);
    abx_gicv3_set_spi(gic, 5, true);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    assert_int_equal(gic_woken[0], 1);
    assert_int_equal(gic_take(0), SPI + 5);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    /* Active and pending: it waits for its own end. */
    assert_true(gic_bit(0, GICD_ISPENDR, SPI + 5));
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 5));
    assert_int_equal(gic_take(0), NONE);
    gic_finish(0, SPI + 5);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    assert_int_equal(gic_take(0), SPI + 5);
    abx_gicv3_set_spi(gic, 5, false);
    gic_finish(0, SPI + 5);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    /* One that goes before it is taken was never there. */
    abx_gicv3_set_spi(gic, 5, true);
    abx_gicv3_set_spi(gic, 5, false);
    assert_int_equal(gic_take(0), NONE);
}

static void an_edge_is_kept(void **state)
{
    (void)state;
    gic_begin_open(1);
    gic_set_edge(7, true);
    abx_gicv3_set_spi(gic, 7, true);
    abx_gicv3_set_spi(gic, 7, false);
    assert_int_equal(gic_take(0), SPI + 7);
    assert_false(gic_bit(0, GICD_ISPENDR, SPI + 7));
    /* The next one may come while this one is active; a third before then is the same. */
    for (int i = 0; i < 2; i++) {
        abx_gicv3_set_spi(gic, 7, true);
        abx_gicv3_set_spi(gic, 7, false);
    }
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    gic_finish(0, SPI + 7);
    assert_int_equal(gic_take(0), SPI + 7);
    gic_finish(0, SPI + 7);
    assert_int_equal(gic_take(0), NONE);
    /* A line that stays high has one edge. */
    abx_gicv3_set_spi(gic, 7, true);
    abx_gicv3_set_spi(gic, 7, true);
    assert_int_equal(gic_take(0), SPI + 7);
    gic_finish(0, SPI + 7);
    assert_int_equal(gic_take(0), NONE);
}

static void private_lines_are_of_one_vcpu(void **state)
{
    (void)state;
    gic_begin_open(3);
    abx_gicv3_set_ppi(gic, 1, 11, true);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_int_equal(abx_gicv3_inputs(gic, 1), ABX_GICV3_IRQ);
    assert_int_equal(abx_gicv3_inputs(gic, 2), 0);
    assert_int_equal(gic_woken[1], 1);
    assert_int_equal(gic_woken[0] + gic_woken[2], 0);
    assert_int_equal(gic_take(1), PPI + 11);
    abx_gicv3_set_ppi(gic, 1, 11, false);
    gic_finish(1, PPI + 11);
    assert_int_equal(abx_gicv3_inputs(gic, 1), 0);
}

/* Whoever is interrupted already is not woken again. */
static void only_a_rising_input_wakes(void **state)
{
    (void)state;
    gic_begin_open(2);
    gic_route(1, 1);
    abx_gicv3_set_spi(gic, 0, true);
    abx_gicv3_set_spi(gic, 2, true);
    abx_gicv3_set_spi(gic, 2, false);
    assert_int_equal(gic_woken[0], 1);
    assert_int_equal(gic_woken[1], 0);
    abx_gicv3_set_spi(gic, 1, true);
    assert_int_equal(gic_woken[0], 1);
    assert_int_equal(gic_woken[1], 1);
}

static void group_0_comes_as_fiq(void **state)
{
    (void)state;
    gic_begin_open(1);
    gicd_write(GICD_IGROUPR + 4, UINT32_MAX & ~(1u << 3));
    abx_gicv3_set_spi(gic, 3, true);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_FIQ);
    assert_int_equal(gic_take(0), NONE);
    assert_int_equal(icc_read(0, ICC_HPPIR1), NONE);
    assert_int_equal(icc_read(0, ICC_HPPIR0), SPI + 3);
    assert_int_equal(icc_read(0, ICC_IAR0), SPI + 3);
    abx_gicv3_set_spi(gic, 3, false);
    icc_write(0, ICC_EOIR0, SPI + 3);
    assert_false(gic_bit(0, GICD_ISACTIVER, SPI + 3));
}

static void lines_that_there_are_not_are_ignored(void **state)
{
    (void)state;
    gic_begin_open(2);
    abx_gicv3_set_spi(gic, ABX_GICV3_SPIS, true);
    abx_gicv3_set_spi(gic, UINT32_MAX, true);
    abx_gicv3_set_ppi(gic, 0, 16, true);
    abx_gicv3_set_ppi(gic, 2, 0, true);
    abx_gicv3_set_ppi(gic, UINT32_MAX, UINT32_MAX, true);
    assert_int_equal(abx_gicv3_inputs(gic, 0) | abx_gicv3_inputs(gic, 1), 0);
}

static void all_vcpus_have_room(void **state)
{
    (void)state;
    gic_begin_open(ABX_GICV3_CPUS);
    uint32_t last = ABX_GICV3_CPUS - 1;
    assert_int_equal(gicr_read(last, GICR_TYPER) >> 4 & 1, 1);
    gic_route(255, ABX_ARM64_AFFINITY(last));
    abx_gicv3_set_spi(gic, 255, true);
    for (uint32_t cpu = 0; cpu < ABX_GICV3_CPUS; cpu++)
        assert_int_equal(abx_gicv3_inputs(gic, cpu), cpu == last ? ABX_GICV3_IRQ : 0);
}

static void a_reset_interface_is_closed(void **state)
{
    (void)state;
    gic_begin_open(1);
    abx_gicv3_set_spi(gic, 1, true);
    assert_int_equal(gic_take(0), SPI + 1);
    abx_gicv3_set_spi(gic, 2, true);
    abx_gicv3_reset_interface(gic, 0);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_int_equal(icc_read(0, ICC_PMR), 0);
    assert_int_equal(icc_read(0, ICC_IGRPEN1), 0);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
    assert_int_equal(icc_read(0, ICC_BPR0), 2);
    assert_int_equal(icc_read(0, ICC_BPR1), 3);
    /* The interrupts stay what they were. */
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 1));
    assert_true(gic_bit(0, GICD_ISPENDR, SPI + 2));
}

#define TEST(function) cmocka_unit_test_teardown(function, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_signalled_after_reset),
        TEST(a_level_lasts_as_long_as_its_line),
        TEST(an_edge_is_kept),
        TEST(private_lines_are_of_one_vcpu),
        TEST(only_a_rising_input_wakes),
        TEST(group_0_comes_as_fiq),
        TEST(lines_that_there_are_not_are_ignored),
        TEST(all_vcpus_have_room),
        TEST(a_reset_interface_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
