/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

enum { CPUS = 35 };

static int begin(void **state)
{
    (void)state;
    gic_begin_open(CPUS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gic_end();
    return 0;
}

static uint64_t sgi(uint32_t intid, uint64_t cluster, uint64_t list)
{
    return (uint64_t)intid << 24 | cluster << 16 | list;
}

/* Takes the SGI from those who have one; a bit for each. */
static uint64_t who_got(uint32_t intid)
{
    uint64_t got = 0;
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        uint32_t taken = gic_take(cpu);
        if (taken == NONE)
            continue;
        assert_int_equal(taken, intid);
        gic_finish(cpu, intid);
        got |= UINT64_C(1) << cpu;
    }
    return got;
}

static void a_list_is_of_one_cluster(void **state)
{
    (void)state;
    icc_write(0, ICC_SGI1R, sgi(3, 0, 0x8006));
    assert_int_equal(gic_woken[1] + gic_woken[2] + gic_woken[15], 3);
    assert_int_equal(gic_woken[0] + gic_woken[17] + gic_woken[18], 0);
    assert_int_equal(who_got(3), 0x8006);
    icc_write(0, ICC_SGI1R, sgi(15, 1, 0x8001));
    assert_int_equal(who_got(15), UINT64_C(1) << 31 | 1 << 16);
    icc_write(20, ICC_SGI1R, sgi(0, 2, 0xffff));
    assert_int_equal(who_got(0), UINT64_C(7) << 32); /* the last cluster is not full */
    icc_write(20, ICC_SGI1R, sgi(0, 3, 0xffff));
    icc_write(20, ICC_SGI1R, sgi(0, 0x100, 0xffff) | UINT64_C(1) << 32);
    icc_write(20, ICC_SGI1R, sgi(0, 0, 0xffff) | UINT64_C(1) << 32); /* Aff2 */
    icc_write(20, ICC_SGI1R, sgi(0, 0, 0xffff) | UINT64_C(1) << 48); /* Aff3 */
    icc_write(20, ICC_SGI1R, sgi(0, 0, 0));
    assert_int_equal(who_got(0), 0);
}

static void to_all_means_all_others(void **state)
{
    (void)state;
    icc_write(5, ICC_SGI1R, sgi(9, 3, 0xffff) | UINT64_C(1) << 40);
    assert_int_equal(who_got(9), ((UINT64_C(1) << CPUS) - 1) & ~(UINT64_C(1) << 5));
}

static void one_to_oneself(void **state)
{
    (void)state;
    icc_write(17, ICC_SGI1R, sgi(1, 1, 2));
    assert_int_equal(who_got(1), UINT64_C(1) << 17);
}

/* Not taken, a second one is the same; taken, it waits. */
static void they_are_edges(void **state)
{
    (void)state;
    icc_write(0, ICC_SGI1R, sgi(4, 0, 2));
    icc_write(3, ICC_SGI1R, sgi(4, 0, 2));
    assert_int_equal(gic_woken[1], 1);
    assert_int_equal(gic_take(1), 4);
    icc_write(3, ICC_SGI1R, sgi(4, 0, 2));
    assert_int_equal(gic_take(1), NONE);
    gic_finish(1, 4);
    assert_int_equal(gic_take(1), 4);
    gic_finish(1, 4);
    assert_int_equal(gic_take(1), NONE);
}

static void they_wait_until_they_are_enabled(void **state)
{
    (void)state;
    gicr_write(1, GICR_FRAME + GICD_ICENABLER, 1u << 6);
    icc_write(0, ICC_SGI1R, sgi(6, 0, 2));
    assert_int_equal(abx_gicv3_inputs(gic, 1), 0);
    gicr_write(1, GICR_FRAME + GICD_ISENABLER, 1u << 6);
    assert_int_equal(gic_take(1), 6);
}

static void groups_decide_who_may_send(void **state)
{
    (void)state;
    gicr_write(1, GICR_FRAME + GICD_IGROUPR, UINT32_MAX & ~1u); /* SGI 0 is of Group 0 */
    icc_write(0, ICC_SGI0R, sgi(0, 0, 6));
    assert_int_equal(abx_gicv3_inputs(gic, 1), ABX_GICV3_FIQ);
    assert_int_equal(abx_gicv3_inputs(gic, 2), 0);
    assert_int_equal(icc_read(1, ICC_IAR0), 0);
    icc_write(1, ICC_EOIR0, 0);
    icc_write(0, ICC_ASGI1R, sgi(0, 0, 6));
    assert_int_equal(icc_read(1, ICC_IAR0), 0);
    icc_write(1, ICC_EOIR0, 0);
    assert_int_equal(abx_gicv3_inputs(gic, 2), 0);
    icc_write(0, ICC_SGI1R, sgi(0, 0, 6));
    assert_int_equal(abx_gicv3_inputs(gic, 1), ABX_GICV3_FIQ);
    assert_int_equal(abx_gicv3_inputs(gic, 2), ABX_GICV3_IRQ);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_of_one_cluster), TEST(to_all_means_all_others),          TEST(one_to_oneself),
        TEST(they_are_edges),           TEST(they_wait_until_they_are_enabled), TEST(groups_decide_who_may_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
