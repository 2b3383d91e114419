/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

enum { BANKS = (SPI + ABX_GICV3_SPIS) / 32, WINDOW = 0x10000 };

static int begin(void **state)
{
    (void)state;
    gic_begin(3);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gic_end();
    return 0;
}

static void what_it_is(void **state)
{
    (void)state;
    uint32_t typer = gicd_read(GICD_TYPER);
    assert_int_equal(typer & 0x1f, BANKS - 1);
    assert_int_equal(typer >> 10 & 1, 0); /* one security state */
    assert_int_equal(typer >> 16 & 1, 1); /* messages */
    assert_int_equal(typer >> 17 & 1, 0); /* no LPIs */
    assert_int_equal(typer >> 19 & 0x1f, 9);
    assert_int_equal(typer >> 25 & 1, 1); /* none for any of several */
    assert_int_equal(gicd_read(GICD_PIDR2) >> 4 & 0xf, 3);
}

static void its_control_has_two_bits(void **state)
{
    (void)state;
    assert_int_equal(gicd_read(GICD_CTLR), 0x50);
    gicd_write(GICD_CTLR, UINT32_MAX);
    assert_int_equal(gicd_read(GICD_CTLR), 0x53);
    gicd_write(GICD_CTLR, 2);
    assert_int_equal(gicd_read(GICD_CTLR), 0x52);
}

/* SGIs and PPIs are the redistributors': the first registers of each array are none. */
static void arrays_begin_at_the_first_spi(void **state)
{
    (void)state;
    static const uint32_t set[] = { GICD_IGROUPR, GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER };
    static const uint32_t clear[] = { 0, GICD_ICENABLER, GICD_ICPENDR, GICD_ICACTIVER };
    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
        for (uint32_t bank = 0; bank < 32; bank++) {
            bool there = bank > 0 && bank < BANKS;
            gicd_write(set[i] + 4 * bank, 0x80000105);
            assert_int_equal(gicd_read(set[i] + 4 * bank), there ? 0x80000105 : 0);
            if (!clear[i])
                continue;
            gicd_write(set[i] + 4 * bank, 0x10);
            assert_int_equal(gicd_read(clear[i] + 4 * bank), there ? 0x80000115 : 0);
            gicd_write(clear[i] + 4 * bank, 0x80000010);
            assert_int_equal(gicd_read(set[i] + 4 * bank), there ? 0x105 : 0);
        }
    }
}

static void priorities_have_five_bits_and_are_bytes(void **state)
{
    (void)state;
    const uint32_t offset = GICD_IPRIORITYR + SPI + 8;
    gicd_write(offset, 0xff07a85f);
    assert_int_equal(gicd_read(offset), 0xf800a858);
    gic_store(ABX_ARM64_GIC_DISTRIBUTOR + offset + 2, 1, 0x47);
    assert_int_equal(gicd_read(offset), 0xf840a858);
    assert_int_equal(gic_load(ABX_ARM64_GIC_DISTRIBUTOR + offset + 3, 1), 0xf8);
    /* Not there: those of SGIs and PPIs, and those past the last interrupt. */
    gicd_write(GICD_IPRIORITYR, UINT32_MAX);
    assert_int_equal(gicd_read(GICD_IPRIORITYR), 0);
    gicd_write(GICD_IPRIORITYR + SPI + ABX_GICV3_SPIS, UINT32_MAX);
    assert_int_equal(gicd_read(GICD_IPRIORITYR + SPI + ABX_GICV3_SPIS), 0);
}

static void configurations_have_one_bit_of_two(void **state)
{
    (void)state;
    gicd_write(GICD_ICFGR + 8, 0xffffffff);
    assert_int_equal(gicd_read(GICD_ICFGR + 8), 0xaaaaaaaa);
    assert_int_equal(gicd_read(GICD_ICFGR + 12), 0);
    gicd_write(GICD_ICFGR + 12, 0x80000008);
    gicd_write(GICD_ICFGR + 8, 0x20);
    assert_int_equal(gicd_read(GICD_ICFGR + 12), 0x80000008);
    assert_int_equal(gicd_read(GICD_ICFGR + 8), 0x20);
    gicd_write(GICD_ICFGR, 0xffffffff);
    assert_int_equal(gicd_read(GICD_ICFGR), 0);
}

static void routes_are_affinities(void **state)
{
    (void)state;
    const uint64_t route = ABX_ARM64_GIC_DISTRIBUTOR + GICD_IROUTER;
    gic_store(route + 8 * 40, 8, UINT64_MAX);
    assert_int_equal(gic_load(route + 8 * 40, 8), 0xffffff);
    assert_int_equal(gic_load(route + 8 * 40 + 4, 4), 0);
    gic_store(route + 8 * 40, 4, 0x010203);
    assert_int_equal(gic_load(route + 8 * 40, 8), 0x010203);
    gic_store(route + 8 * 40 + 4, 4, UINT32_MAX);
    assert_int_equal(gic_load(route + 8 * 40, 8), 0x010203);
    gic_store(route + 8 * 31, 8, 1);
    assert_int_equal(gic_load(route + 8 * 31, 8), 0);
    gic_store(route + 8 * (SPI + ABX_GICV3_SPIS), 8, 1);
    assert_int_equal(gic_load(route + 8 * (SPI + ABX_GICV3_SPIS), 8), 0);
}

static int begin_open(void **state)
{
    (void)state;
    gic_begin_open(3);
    return 0;
}

static void an_spi_follows_its_route(void **state)
{
    (void)state;
    abx_gicv3_set_spi(gic, 9, true);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    gic_route(9, 2);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_int_equal(abx_gicv3_inputs(gic, 2), ABX_GICV3_IRQ);
    assert_int_equal(gic_woken[2], 1);
    gic_route(9, 3); /* nobody has this affinity, nor these */
    assert_int_equal(abx_gicv3_inputs(gic, 2), 0);
    gic_route(9, 0x010000);
    gic_route(9, 0x000101);
    gic_route(9, 16);
    for (uint32_t cpu = 0; cpu < 3; cpu++)
        assert_int_equal(abx_gicv3_inputs(gic, cpu), 0);
    gic_route(9, 1);
    assert_int_equal(gic_take(1), SPI + 9);
    /* Taken here, it ends here, wherever the next one goes. */
    gic_route(9, 0);
    gic_finish(1, SPI + 9);
    assert_int_equal(abx_gicv3_inputs(gic, 1), 0);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
}

static void switches_open_and_close(void **state)
{
    (void)state;
    abx_gicv3_set_spi(gic, 0, true);
    gicd_write(GICD_CTLR, 1);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    gicd_write(GICD_CTLR, 2);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    gicd_write(GICD_ICENABLER + 4, 1);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_true(gic_bit(0, GICD_ISPENDR, SPI));
    gicd_write(GICD_ISENABLER + 4, 1);
    gicd_write(GICD_ISACTIVER + 4, 1);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    gicd_write(GICD_ICACTIVER + 4, 1);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    /* A level cannot be cleared while its line is high, and what software set lasts until it is taken or cleared. */
    gicd_write(GICD_ICPENDR + 4, 1);
    assert_int_equal(abx_gicv3_inputs(gic, 0), ABX_GICV3_IRQ);
    gicd_write(GICD_ISPENDR + 4, 1);
    abx_gicv3_set_spi(gic, 0, false);
    assert_int_equal(gic_take(0), SPI);
    gic_finish(0, SPI);
    assert_int_equal(gic_take(0), NONE);
    gicd_write(GICD_ISPENDR + 4, 2);
    gicd_write(GICD_ICPENDR + 4, 2);
    assert_int_equal(gic_take(0), NONE);
}

static void messages_are_edges_or_levels(void **state)
{
    (void)state;
    gic_set_edge(20, true);
    gicd_write(GICD_SETSPI_NSR, SPI + 20);
    gicd_write(GICD_CLRSPI_NSR, SPI + 20);
    assert_int_equal(gic_take(0), NONE);
    gic_store(ABX_ARM64_GIC_DISTRIBUTOR + GICD_SETSPI_NSR, 2, SPI + 20);
    assert_int_equal(gic_take(0), SPI + 20);
    gic_finish(0, SPI + 20);
    assert_int_equal(gic_take(0), NONE);

    gicd_write(GICD_SETSPI_NSR, SPI + 21);
    assert_int_equal(gic_take(0), SPI + 21);
    gic_finish(0, SPI + 21);
    assert_int_equal(gic_take(0), SPI + 21);
    gicd_write(GICD_CLRSPI_NSR, SPI + 21);
    gic_finish(0, SPI + 21);
    assert_int_equal(gic_take(0), NONE);

    gicd_write(GICD_SETSPI_NSR, 3);
    gicd_write(GICD_SETSPI_NSR, SPI + ABX_GICV3_SPIS);
    gicd_write(GICD_SETSPI_NSR, UINT32_MAX);
    assert_int_equal(gic_take(0), NONE);
    assert_int_equal(gicd_read(GICD_SETSPI_NSR), 0);
}

/* Every address by every size: nothing but the defined accesses changes anything, or reads as anything. */
static void other_accesses_are_nothing(void **state)
{
    (void)state;
    static uint32_t before[WINDOW / 4];
    for (uint32_t i = 0; i < WINDOW / 4; i++)
        before[i] = gicd_read(4 * i);
    for (uint32_t offset = 0; offset < WINDOW; offset++) {
        bool priority = offset >= GICD_IPRIORITYR && offset < 0x800;
        bool message = offset == GICD_SETSPI_NSR || offset == GICD_CLRSPI_NSR;
        bool route = offset >= GICD_IROUTER && offset < 0x8000;
        for (uint8_t size = 1; size <= 8; size++) {
            bool defined = (size == 4 && offset % 4 == 0) || (size == 1 && priority) || (size == 2 && message) ||
                           (size == 8 && route && offset % 8 == 0);
            /* What reaches past the end is cut there. */
            if (defined || offset + size > WINDOW)
                continue;
            assert_int_equal(gic_load(ABX_ARM64_GIC_DISTRIBUTOR + offset, size), 0);
            gic_store(ABX_ARM64_GIC_DISTRIBUTOR + offset, size, 0x5a5a5a5a5a5a5a5a);
        }
    }
    for (uint32_t i = 0; i < WINDOW / 4; i++)
        assert_int_equal(gicd_read(4 * i), before[i]);
}

#define TEST(function)      cmocka_unit_test_setup_teardown(function, begin, end)
#define TEST_OPEN(function) cmocka_unit_test_setup_teardown(function, begin_open, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_is),
        TEST(its_control_has_two_bits),
        TEST(arrays_begin_at_the_first_spi),
        TEST(priorities_have_five_bits_and_are_bytes),
        TEST(configurations_have_one_bit_of_two),
        TEST(routes_are_affinities),
        TEST_OPEN(an_spi_follows_its_route),
        TEST_OPEN(switches_open_and_close),
        TEST_OPEN(messages_are_edges_or_levels),
        TEST_OPEN(other_accesses_are_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
