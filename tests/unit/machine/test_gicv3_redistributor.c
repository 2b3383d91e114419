/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

enum { CPUS = 19, WINDOW = 0x20000 };

static int begin(void **state)
{
    (void)state;
    gic_begin(CPUS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gic_end();
    return 0;
}

/* Sixteen to a cluster. */
static void each_says_whose_it_is(void **state)
{
    (void)state;
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        uint64_t typer = gic_load(ABX_ARM64_GIC_REDISTRIBUTORS + cpu * ABX_ARM64_GIC_REDISTRIBUTOR + GICR_TYPER, 8);
        assert_int_equal(typer >> 32, cpu < 16 ? cpu : 0x100 + cpu - 16);
        assert_int_equal(typer >> 8 & 0xffff, cpu);
        assert_int_equal(typer & 0xff, cpu == CPUS - 1 ? 0x10 : 0); /* the last one; no LPIs */
        assert_int_equal(gicr_read(cpu, GICR_TYPER), (uint32_t)typer);
        assert_int_equal(gicr_read(cpu, GICR_TYPER + 4), typer >> 32);
        assert_int_equal(gicr_read(cpu, GICD_PIDR2) >> 4 & 0xf, 3);
    }
}

static void it_sleeps_and_wakes_as_told(void **state)
{
    (void)state;
    assert_int_equal(gicr_read(4, GICR_WAKER), 6);
    gicr_write(4, GICR_WAKER, 0);
    assert_int_equal(gicr_read(4, GICR_WAKER), 0);
    assert_int_equal(gicr_read(5, GICR_WAKER), 6);
    gicr_write(4, GICR_WAKER, 2);
    assert_int_equal(gicr_read(4, GICR_WAKER), 6);
}

static void each_has_its_own_interrupts(void **state)
{
    (void)state;
    static const uint32_t set[] = { GICD_IGROUPR, GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER };
    static const uint32_t clear[] = { 0, GICD_ICENABLER, GICD_ICPENDR, GICD_ICACTIVER };
    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
        gicr_write(2, GICR_FRAME + set[i], 0x0800c001);
        assert_int_equal(gicr_read(2, GICR_FRAME + set[i]), 0x0800c001);
        assert_int_equal(gicr_read(3, GICR_FRAME + set[i]), 0);
        /* There is one register of each, and none in the other frame. */
        gicr_write(2, GICR_FRAME + set[i] + 4, UINT32_MAX);
        assert_int_equal(gicr_read(2, GICR_FRAME + set[i] + 4), 0);
        gicr_write(2, set[i], UINT32_MAX);
        assert_int_equal(gicr_read(2, set[i]), 0);
        if (!clear[i])
            continue;
        gicr_write(2, GICR_FRAME + clear[i], 0x4001);
        assert_int_equal(gicr_read(2, GICR_FRAME + clear[i]), 0x08008000);
    }
    gicr_write(2, GICR_FRAME + GICD_IPRIORITYR + 28, 0xfff0a7ff);
    assert_int_equal(gicr_read(2, GICR_FRAME + GICD_IPRIORITYR + 28), 0xf8f0a0f8);
    assert_int_equal(gicr_read(3, GICR_FRAME + GICD_IPRIORITYR + 28), 0);
    gicr_write(2, GICR_FRAME + GICD_IPRIORITYR + 32, UINT32_MAX);
    assert_int_equal(gicr_read(2, GICR_FRAME + GICD_IPRIORITYR + 32), 0);
}

static void sgis_are_edges_and_ppis_levels(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gicr_read(1, GICR_FRAME + GICD_ICFGR), 0xaaaaaaaa);
        assert_int_equal(gicr_read(1, GICR_FRAME + GICD_ICFGR + 4), 0);
        gicr_write(1, GICR_FRAME + GICD_ICFGR, 0);
        gicr_write(1, GICR_FRAME + GICD_ICFGR + 4, UINT32_MAX);
    }
}

static int begin_open(void **state)
{
    (void)state;
    gic_begin_open(CPUS);
    return 0;
}

static void a_change_is_seen_at_once(void **state)
{
    (void)state;
    gicr_write(6, GICR_FRAME + GICD_ISPENDR, 1u << 20);
    assert_int_equal(abx_gicv3_inputs(gic, 6), ABX_GICV3_IRQ);
    assert_int_equal(gic_woken[6], 1);
    gicr_write(6, GICR_FRAME + GICD_ICENABLER, 1u << 20);
    assert_int_equal(abx_gicv3_inputs(gic, 6), 0);
    gicr_write(6, GICR_FRAME + GICD_ISENABLER, 1u << 20);
    assert_int_equal(gic_take(6), 20);
    gicr_write(6, GICR_FRAME + GICD_ISPENDR, 1u << 20);
    assert_int_equal(gic_take(6), NONE);
    gicr_write(6, GICR_FRAME + GICD_ICACTIVER, 1u << 20);
    /* It is not active any more, but its priority still is. */
    assert_int_equal(gic_take(6), NONE);
    gic_finish(6, 20);
    assert_int_equal(gic_take(6), 20);
}

static void other_accesses_are_nothing(void **state)
{
    (void)state;
    static uint32_t before[WINDOW / 4];
    const uint32_t last = CPUS - 1;
    const uint64_t base = ABX_ARM64_GIC_REDISTRIBUTORS + last * ABX_ARM64_GIC_REDISTRIBUTOR;
    for (uint32_t i = 0; i < WINDOW / 4; i++)
        before[i] = gicr_read(last, 4 * i);
    for (uint32_t offset = 0; offset < WINDOW; offset++) {
        bool priority = offset >= GICR_FRAME + GICD_IPRIORITYR && offset < GICR_FRAME + GICD_IPRIORITYR + 32;
        for (uint8_t size = 1; size <= 8; size++) {
            bool defined =
                (size == 4 && offset % 4 == 0) || (size == 1 && priority) || (size == 8 && offset == GICR_TYPER);
            if (defined || offset + size > WINDOW)
                continue;
            assert_int_equal(gic_load(base + offset, size), 0);
            gic_store(base + offset, size, 0x5a5a5a5a5a5a5a5a);
        }
    }
    for (uint32_t i = 0; i < WINDOW / 4; i++)
        assert_int_equal(gicr_read(last, 4 * i), before[i]);
    /* Behind the last one there is nothing. */
    assert_int_equal(gic_load(base + WINDOW, 4), UINT32_MAX);
}

#define TEST(function)      cmocka_unit_test_setup_teardown(function, begin, end)
#define TEST_OPEN(function) cmocka_unit_test_setup_teardown(function, begin_open, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_says_whose_it_is),         TEST(it_sleeps_and_wakes_as_told),
        TEST(each_has_its_own_interrupts),   TEST(sgis_are_edges_and_ppis_levels),
        TEST_OPEN(a_change_is_seen_at_once), TEST_OPEN(other_accesses_are_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
