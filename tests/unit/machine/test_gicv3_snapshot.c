/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS = 2, HEAD = 16, BANK = 56, SHARED = 4 + 8 * BANK + 4 * ABX_GICV3_SPIS, PRIVATE = BANK + 36 };

static uint8_t *block;
static size_t block_size;

static void save(void)
{
    assert_int_equal(abx_gicv3_save(gic, NULL, 0, &block_size), ABX_OK);
    assert_int_equal(block_size, HEAD + SHARED + CPUS * PRIVATE);
    block = malloc(block_size);
    assert_int_equal(abx_gicv3_save(gic, block, block_size, &block_size), ABX_OK);
}

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
    free(block);
    block = NULL;
    return 0;
}

static void everything_comes_along(void **state)
{
    (void)state;
    gic_set_edge(40, true);
    gic_route(40, 1);
    gic_route(3, 1);
    abx_gicv3_set_spi(gic, 40, true);
    abx_gicv3_set_spi(gic, 2, true);
    assert_int_equal(gic_take(0), SPI + 2);
    abx_gicv3_set_spi(gic, 3, true);
    gicr_write(1, GICR_WAKER, 0);
    icc_write(1, ICC_CTLR, 2);
    icc_write(1, ICC_PMR, 0xb0);
    icc_write(0, ICC_BPR0, 5);
    save();
    gic_end();
    gic_begin(CPUS);
    assert_int_equal(abx_gicv3_restore(gic, block, block_size), ABX_OK);
    assert_int_equal(abx_gicv3_inputs(gic, 0), 0);
    assert_int_equal(abx_gicv3_inputs(gic, 1), ABX_GICV3_IRQ);
    assert_int_equal(gic_woken[1], 1);
    assert_int_equal(icc_read(0, ICC_RPR), 0xa0);
    assert_int_equal(icc_read(0, ICC_BPR0), 5);
    assert_int_equal(icc_read(1, ICC_CTLR), 0x402);
    assert_int_equal(icc_read(1, ICC_PMR), 0xb0);
    assert_int_equal(gicr_read(1, GICR_WAKER), 0);
    assert_int_equal(gicr_read(0, GICR_WAKER), 6);
    assert_int_equal(gic_take(1), SPI + 3);
    gic_finish(1, SPI + 3);
    icc_write(1, ICC_DIR, SPI + 3);
    abx_gicv3_set_spi(gic, 3, false);
    assert_int_equal(gic_take(1), SPI + 40);
    gic_finish(0, SPI + 2); /* its line is still high */
    assert_int_equal(gic_take(0), SPI + 2);
}

static void too_little_room_is_told(void **state)
{
    (void)state;
    uint8_t small[100];
    size_t size = 0;
    memset(small, 0x77, sizeof(small));
    assert_int_equal(abx_gicv3_save(gic, small, sizeof(small), &size), ABX_ERR_LIMIT);
    assert_int_equal(size, HEAD + SHARED + CPUS * PRIVATE);
    for (size_t i = 0; i < sizeof(small); i++)
        assert_int_equal(small[i], 0x77);
}

/* Refuses the block, and changes nothing. */
static void refuse(size_t size)
{
    uint8_t *now = malloc(block_size);
    size_t got;
    assert_int_equal(abx_gicv3_restore(gic, block, size), ABX_ERR_FORMAT);
    assert_int_equal(abx_gicv3_save(gic, now, block_size, &got), ABX_OK);
    gic_end();
    gic_begin_open(CPUS);
    uint8_t *fresh = malloc(block_size);
    assert_int_equal(abx_gicv3_save(gic, fresh, block_size, &got), ABX_OK);
    assert_memory_equal(now, fresh, block_size);
    free(now);
    free(fresh);
}

static void damaged_blocks_are_refused(void **state)
{
    (void)state;
    const size_t interface = HEAD + SHARED + PRIVATE + BANK;
    const struct {
        size_t at;
        uint8_t value;
    } damage[] = {
        { 0, 0 },                           /* no block at all */
        { 4, 2 },                           /* another version */
        { 8, CPUS + 1 },                    /* another machine */
        { 12, 1 },                          /* another controller */
        { HEAD, 4 },                        /* GICD_CTLR */
        { HEAD + 4 + 24 + 31, 1 },          /* a priority's lower bits */
        { HEAD + SHARED - 1, 1 },           /* Aff3 of the last route */
        { HEAD + SHARED + 20, 0xfe },       /* SGI 0 a level */
        { HEAD + SHARED + PRIVATE - 4, 2 }, /* GICR_WAKER of vCPU 0 */
        { interface, 4 },                   /* ICC_CTLR_EL1 of vCPU 1, and so on */
        { interface + 4, 1 },
        { interface + 5, 1 },
        { interface + 8, 1 },
        { interface + 8, 8 },
        { interface + 12, 2 },
        { interface + 12, 8 },
        { interface + 16, 2 },
        { interface + 20, 2 },
    };
    save();
    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        uint8_t good = block[damage[i].at];
        block[damage[i].at] = damage[i].value;
        refuse(block_size);
        block[damage[i].at] = good;
    }
    refuse(0);
    refuse(HEAD);
    refuse(block_size - 1);
    assert_int_equal(abx_gicv3_restore(gic, block, block_size), ABX_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_comes_along),
        TEST(too_little_room_is_told),
        TEST(damaged_blocks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
