/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

static int begin(void **state)
{
    (void)state;
    gic_begin_open(2);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gic_end();
    return 0;
}

static void raise_at(uint32_t spi, uint8_t priority)
{
    gic_set_priority(0, SPI + spi, priority);
    abx_gicv3_set_spi(gic, spi, true);
}

static void registers_have_their_bits(void **state)
{
    (void)state;
    assert_int_equal(icc_read(0, ICC_SRE), 7);
    icc_write(0, ICC_SRE, 0);
    assert_int_equal(icc_read(0, ICC_SRE), 7);
    assert_int_equal(icc_read(0, ICC_CTLR), 0x400); /* five bits of priority */
    icc_write(0, ICC_CTLR, UINT64_MAX);
    assert_int_equal(icc_read(0, ICC_CTLR), 0x403);
    icc_write(0, ICC_PMR, 0xff);
    assert_int_equal(icc_read(0, ICC_PMR), 0xf8);
    icc_write(0, ICC_PMR, 8); /* Linux looks whether this bit stays, to know of Group 0 */
    assert_int_equal(icc_read(0, ICC_PMR), 8);
    icc_write(0, ICC_IGRPEN0, UINT64_MAX - 1);
    assert_int_equal(icc_read(0, ICC_IGRPEN0), 0);
    icc_write(0, ICC_IGRPEN1, UINT64_MAX);
    assert_int_equal(icc_read(0, ICC_IGRPEN1), 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
    icc_write(0, ICC_AP1R0, UINT64_C(0x100000010));
    assert_int_equal(icc_read(0, ICC_AP1R0), 0x10);
    assert_int_equal(icc_read(0, ICC_RPR), 0x20);
    icc_write(0, ICC_AP0R0, 4);
    assert_int_equal(icc_read(0, ICC_AP0R0), 4);
    assert_int_equal(icc_read(0, ICC_RPR), 0x10);
    assert_int_equal(icc_read(1, ICC_RPR), 0xff); /* each its own */
}

static void binary_points_have_a_least_value(void **state)
{
    (void)state;
    assert_int_equal(icc_read(0, ICC_BPR0), 2);
    assert_int_equal(icc_read(0, ICC_BPR1), 3);
    for (unsigned value = 0; value < 16; value++) {
        unsigned low = value & 7;
        icc_write(0, ICC_BPR0, value);
        icc_write(0, ICC_BPR1, value);
        assert_int_equal(icc_read(0, ICC_BPR0), low < 2 ? 2 : low);
        assert_int_equal(icc_read(0, ICC_BPR1), low < 3 ? 3 : low);
    }
    /* Common: the other one, counted from one higher, and not to be written here. */
    icc_write(0, ICC_CTLR, 1);
    icc_write(0, ICC_BPR0, 4);
    icc_write(0, ICC_BPR1, 6);
    assert_int_equal(icc_read(0, ICC_BPR1), 5);
    icc_write(0, ICC_BPR0, 7);
    assert_int_equal(icc_read(0, ICC_BPR1), 7);
}

static void what_there_is_not_is_not_known(void **state)
{
    (void)state;
    static const uint32_t read_only[] = { ICC_IAR0, ICC_IAR1, ICC_HPPIR0, ICC_HPPIR1, ICC_RPR };
    static const uint32_t write_only[] = { ICC_EOIR0, ICC_EOIR1, ICC_DIR, ICC_SGI0R, ICC_SGI1R, ICC_ASGI1R };
    for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
        assert_true(gic_known(read_only[i], ABX_READ));
        assert_false(gic_known(read_only[i], ABX_WRITE));
    }
    for (size_t i = 0; i < sizeof(write_only) / sizeof(write_only[0]); i++) {
        assert_true(gic_known(write_only[i], ABX_WRITE));
        assert_false(gic_known(write_only[i], ABX_READ));
    }
    unsigned known = 0;
    for (uint32_t reg = 0; reg <= UINT16_MAX; reg++)
        known += gic_known(reg, ABX_READ) || gic_known(reg, ABX_WRITE);
    assert_int_equal(known, 20);
    assert_false(gic_known(ICC_IAR1 | 1u << 16, ABX_READ));
}

static void the_highest_priority_goes_first(void **state)
{
    (void)state;
    raise_at(1, 0x80);
    raise_at(2, 0x40);
    raise_at(3, 0x40);
    raise_at(4, 0xc0);
    assert_int_equal(icc_read(0, ICC_HPPIR1), SPI + 2);
    assert_int_equal(gic_take(0), SPI + 2);
    for (uint32_t spi = 1; spi <= 4; spi++)
        abx_gicv3_set_spi(gic, spi, spi != 2);
    gic_finish(0, SPI + 2);
    assert_int_equal(gic_take(0), SPI + 3);
    abx_gicv3_set_spi(gic, 3, false);
    gic_finish(0, SPI + 3);
    assert_int_equal(gic_take(0), SPI + 1);
    abx_gicv3_set_spi(gic, 1, false);
    gic_finish(0, SPI + 1);
    assert_int_equal(gic_take(0), SPI + 4);
}

static void the_mask_lets_higher_ones_through(void **state)
{
    (void)state;
    raise_at(1, 0x80);
    icc_write(0, ICC_PMR, 0x80);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_int_equal(gic_take(0), NONE);
    assert_int_equal(icc_read(0, ICC_HPPIR1), SPI + 1); /* pending, whatever the mask says */
    icc_write(0, ICC_PMR, 0x88);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    assert_int_equal(gic_woken[0], 2);
    /* The lowest priority of all is never signalled. */
    gic_set_priority(0, SPI + 1, 0xff);
    icc_write(0, ICC_PMR, 0xff);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
}

static void preemption_nests(void **state)
{
    (void)state;
    raise_at(1, 0xa0);
    assert_int_equal(gic_take(0), SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xa0);
    raise_at(2, 0xa0);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0); /* the same priority waits */
    raise_at(3, 0x50);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    assert_int_equal(gic_take(0), SPI + 3);
    assert_int_equal(icc_read(0, ICC_RPR), 0x50);
    assert_int_equal(icc_read(0, ICC_AP1R0), 1u << 20 | 1u << 10);
    abx_gicv3_set_spi(gic, 3, false);
    gic_finish(0, SPI + 3);
    assert_int_equal(icc_read(0, ICC_RPR), 0xa0);
    abx_gicv3_set_spi(gic, 1, false);
    gic_finish(0, SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
    assert_int_equal(gic_take(0), SPI + 2);
}

/* With three bits of subpriority in Group 1, 0x40 and 0x78 are of one kind, of which the former still goes first. */
static void subpriorities_order_and_do_not_preempt(void **state)
{
    (void)state;
    icc_write(0, ICC_BPR1, 6);
    raise_at(1, 0x78);
    assert_int_equal(gic_take(0), SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0x40);
    raise_at(2, 0x40);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    raise_at(3, 0x38);
    assert_int_equal(gic_take(0), SPI + 3);
    /* A binary point in common counts the same bits from another end. */
    icc_write(0, ICC_CTLR, 1);
    icc_write(0, ICC_BPR0, 7);
    raise_at(4, 0);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    icc_write(0, ICC_BPR0, 6);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    icc_write(0, ICC_AP1R0, 1u << 16); /* 0x80 */
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
}

static void ends_can_be_split(void **state)
{
    (void)state;
    icc_write(0, ICC_CTLR, 2);
    abx_gicv3_set_spi(gic, 1, true);
    assert_int_equal(gic_take(0), SPI + 1);
    gic_finish(0, SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 1));
    assert_int_equal(gic_take(0), NONE);
    abx_gicv3_set_spi(gic, 2, true);
    assert_int_equal(gic_take(0), SPI + 2); /* others come meanwhile */
    icc_write(0, ICC_DIR, SPI + 1);
    gic_finish(0, SPI + 2);
    assert_int_equal(gic_take(0), SPI + 1);
    gicr_write(0, GICR_FRAME + GICD_ISACTIVER, 1u << 5);
    icc_write(0, ICC_DIR, 5);
    assert_int_equal(gicr_read(0, GICR_FRAME + GICD_ISACTIVER), 0);
    icc_write(0, ICC_DIR, NONE);
    icc_write(0, ICC_DIR, SPI + ABX_GICV3_SPIS);
    icc_write(0, ICC_DIR, UINT64_MAX);
    /* In one step, a deactivation by itself is none. */
    icc_write(0, ICC_CTLR, 0);
    icc_write(0, ICC_DIR, SPI + 1);
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 1));
}

static void one_vcpu_deactivates_what_another_took(void **state)
{
    (void)state;
    icc_write(0, ICC_CTLR, 2);
    icc_write(1, ICC_CTLR, 2);
    abx_gicv3_set_spi(gic, 1, true);
    assert_int_equal(gic_take(0), SPI + 1);
    gic_finish(0, SPI + 1);
    icc_write(1, ICC_DIR, SPI + 1);
    assert_int_equal(gic_woken[0], 2);
    assert_int_equal(gic_take(0), SPI + 1);
}

static void wrong_ends_change_nothing(void **state)
{
    (void)state;
    abx_gicv3_set_spi(gic, 1, true);
    assert_int_equal(gic_take(0), SPI + 1);
    icc_write(0, ICC_EOIR1, NONE);
    icc_write(0, ICC_EOIR1, SPI + ABX_GICV3_SPIS);
    icc_write(0, ICC_EOIR1, 8192);
    icc_write(0, ICC_EOIR0, SPI + 1); /* of the other group */
    assert_int_equal(icc_read(0, ICC_RPR), 0xa0);
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 1));
    gic_finish(1, SPI + 1); /* who has none active ends none */
    assert_true(gic_bit(0, GICD_ISACTIVER, SPI + 1));
    abx_gicv3_set_spi(gic, 1, false);
    gic_finish(0, SPI + 1);
    gic_finish(0, SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
}

/* An interrupt whose group is shut at the interface makes room for one of the other group. */
static void groups_are_apart(void **state)
{
    (void)state;
    gicd_write(GICD_IGROUPR + 4, UINT32_MAX & ~(1u << 2));
    raise_at(2, 0x20);
    raise_at(1, 0x40);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_FIQ);
    assert_int_equal(gic_take(0), NONE);
    icc_write(0, ICC_IGRPEN0, 0);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    assert_int_equal(gic_take(0), SPI + 1);
    icc_write(0, ICC_IGRPEN0, 1);
    assert_int_equal(icc_read(0, ICC_IAR0), SPI + 2);
    assert_int_equal(icc_read(0, ICC_AP0R0), 1u << 4);
    gic_finish(0, SPI + 1); /* the other group's end comes first */
    assert_int_equal(icc_read(0, ICC_RPR), 0x20);
    icc_write(0, ICC_EOIR0, SPI + 2);
    gic_finish(0, SPI + 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xff);
    icc_write(0, ICC_IGRPEN1, 0);
    icc_write(0, ICC_IGRPEN0, 0);
    assert_int_equal(icc_read(0, ICC_HPPIR1), NONE);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_have_their_bits),
        TEST(binary_points_have_a_least_value),
        TEST(what_there_is_not_is_not_known),
        TEST(the_highest_priority_goes_first),
        TEST(the_mask_lets_higher_ones_through),
        TEST(preemption_nests),
        TEST(subpriorities_order_and_do_not_preempt),
        TEST(ends_can_be_split),
        TEST(one_vcpu_deactivates_what_another_took),
        TEST(wrong_ends_change_nothing),
        TEST(groups_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
