/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random accesses, lines and system registers, good and hostile ones, from a seed that is printed. After each step what
 * the controller signals is compared with what follows from the registers that a guest reads.
 */
#include "gicv3_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPUS = 3, STEPS = 30000, INTERRUPTS = SPI + ABX_GICV3_SPIS };

static uint64_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % limit;
}

/* One of a few, so that they meet: both ends of the private ones and of two banks. */
static uint32_t some_interrupt(void)
{
    static const uint32_t some[] = { 0, 1, 15, 16, 27, 31, 32, 33, 63, 64, 286, 287 };
    return some[random_below(sizeof(some) / sizeof(some[0]))];
}

static uint64_t some_value(void)
{
    uint64_t value = (uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);
    return random_below(2) ? value : value & value >> random_below(60);
}

static void set_a_line(void)
{
    uint32_t intid = some_interrupt();
    if (intid >= SPI)
        abx_gicv3_set_spi(gic, intid - SPI, random_below(2));
    else
        abx_gicv3_set_ppi(gic, random_below(CPUS), intid % 16, random_below(2));
}

static void set_a_bit(void)
{
    static const uint32_t arrays[] = { GICD_IGROUPR, GICD_ISENABLER, GICD_ISENABLER, GICD_ICENABLER, GICD_ISPENDR,
                                       GICD_ISPENDR, GICD_ICPENDR,   GICD_ISACTIVER, GICD_ICACTIVER };
    gic_set_bit(random_below(CPUS), arrays[random_below(sizeof(arrays) / sizeof(arrays[0]))], some_interrupt());
}

static void set_what_an_interrupt_is(void)
{
    uint32_t intid = some_interrupt();
    gic_set_priority(random_below(CPUS), intid, (uint8_t)(random_below(8) << 5));
    if (intid < SPI)
        return;
    gic_route(intid - SPI, random_below(CPUS + 1));
    gic_set_edge(intid - SPI, random_below(2));
}

static void take_and_end(void)
{
    static const uint32_t take[] = { ICC_IAR0, ICC_IAR1 }, finish[] = { ICC_EOIR0, ICC_EOIR1 };
    uint32_t cpu = random_below(CPUS), group = random_below(2);
    bool signalled = abx_gicv3_inputs(gic, cpu) == (group ? ABX_GICV3_IRQ : ABX_GICV3_FIQ);
    uint64_t intid = icc_read(cpu, take[group]);
    assert_int_equal(intid != NONE, signalled);
    if (intid == NONE)
        return;
    assert_true(gic_bit(cpu, GICD_ISACTIVER, (uint32_t)intid));
    if (random_below(4)) {
        icc_write(cpu, finish[group], intid);
        icc_write(cpu, ICC_DIR, intid);
        assert_false(gic_bit(cpu, GICD_ISACTIVER, (uint32_t)intid));
    }
}

static void write_a_system_register(void)
{
    static const uint32_t some[] = { ICC_PMR,     ICC_BPR0,  ICC_BPR1,  ICC_CTLR,  ICC_IGRPEN0,
                                     ICC_IGRPEN1, ICC_AP0R0, ICC_AP1R0, ICC_SGI1R, ICC_SGI0R,
                                     ICC_ASGI1R,  ICC_DIR,   ICC_EOIR0, ICC_EOIR1, ICC_SRE };
    uint32_t reg = some[random_below(sizeof(some) / sizeof(some[0]))];
    uint64_t value = some_value();
    if (reg == ICC_AP0R0 || reg == ICC_AP1R0)
        value = 0;
    if (reg == ICC_PMR || reg == ICC_IGRPEN1)
        value |= 0xc1;
    if (reg == ICC_DIR || reg == ICC_EOIR0 || reg == ICC_EOIR1)
        value = some_interrupt();
    icc_write(random_below(CPUS), reg, value);
}

/* Anywhere in the windows, by any size: reads and writes. */
static void access_anything(void)
{
    uint64_t address = random_below(2) ? ABX_ARM64_GIC_DISTRIBUTOR + random_below(0x10000)
                                       : ABX_ARM64_GIC_REDISTRIBUTORS + random_below(CPUS * 0x20000);
    uint8_t size = (uint8_t)(1 + random_below(8));
    gic_load(address, size);
    if (random_below(8) == 0)
        gic_store(address, size, some_value());
    const uint64_t control = random_below(16) ? 3 : some_value();
    gic_store(ABX_ARM64_GIC_DISTRIBUTOR, 4, control);
}

static void step(void)
{
    static void (*const steps[])(void) = { set_a_line,   set_a_bit,    set_what_an_interrupt_is, take_and_end,
                                           take_and_end, take_and_end, write_a_system_register,  access_anything };
    steps[random_below(sizeof(steps) / sizeof(steps[0]))]();
}

/* What a guest reads of all interrupts, as `cpu` sees them. */
typedef struct picture {
    uint32_t group1, enabled, pending, active;
} picture;

static picture look(uint32_t cpu, uint32_t bank)
{
    static const uint32_t arrays[] = { GICD_IGROUPR, GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER };
    uint32_t words[4];
    for (size_t i = 0; i < 4; i++)
        words[i] = bank == 0 ? gicr_read(cpu, GICR_FRAME + arrays[i]) : gicd_read(arrays[i] + 4 * bank);
    return (picture){ words[0], words[1], words[2], words[3] };
}

static uint8_t priority_of(uint32_t cpu, uint32_t intid)
{
    uint64_t frame = intid < SPI ? ABX_ARM64_GIC_REDISTRIBUTORS + cpu * ABX_ARM64_GIC_REDISTRIBUTOR + GICR_FRAME
                                 : ABX_ARM64_GIC_DISTRIBUTOR;
    return (uint8_t)gic_load(frame + GICD_IPRIORITYR + intid, 1);
}

static bool is_routed(uint32_t cpu, uint32_t intid)
{
    return intid < SPI || gic_load(ABX_ARM64_GIC_DISTRIBUTOR + GICD_IROUTER + 8 * intid, 8) == cpu;
}

/* The INTID that goes before all others, and its group. */
static uint32_t expect_best(uint32_t cpu, unsigned *group)
{
    uint32_t best = NONE, best_priority = 256, control = gicd_read(GICD_CTLR);
    bool open[2] = { control & 1 && icc_read(cpu, ICC_IGRPEN0), control & 2 && icc_read(cpu, ICC_IGRPEN1) };
    for (uint32_t bank = 0; bank < INTERRUPTS / 32; bank++) {
        picture seen = look(cpu, bank);
        for (uint32_t i = 0; i < 32; i++) {
            unsigned own = seen.group1 >> i & 1;
            bool could = (seen.enabled & seen.pending & ~seen.active) >> i & 1 && open[own];
            uint32_t intid = 32 * bank + i;
            if (!could || priority_of(cpu, intid) >= best_priority || !is_routed(cpu, intid))
                continue;
            best = intid;
            best_priority = priority_of(cpu, intid);
            *group = own;
        }
    }
    return best;
}

static unsigned expect_inputs(uint32_t cpu, uint32_t best, unsigned group)
{
    if (best == NONE)
        return 0;
    uint32_t bits = (uint32_t)icc_read(cpu, ICC_BPR0) + 1;
    if (group == 1 && !(icc_read(cpu, ICC_CTLR) & 1))
        bits = (uint32_t)icc_read(cpu, ICC_BPR1);
    uint32_t priority = priority_of(cpu, best), mask = UINT32_MAX << bits;
    bool passes = priority < icc_read(cpu, ICC_PMR) && (priority & mask) < icc_read(cpu, ICC_RPR);
    return !passes ? 0 : group == 1 ? ABX_GICV3_IRQ : ABX_GICV3_FIQ;
}

static void compare(void)
{
    for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
        unsigned group = 0;
        uint32_t best = expect_best(cpu, &group);
        assert_int_equal(icc_read(cpu, ICC_HPPIR0), group == 0 ? best : NONE);
        assert_int_equal(icc_read(cpu, ICC_HPPIR1), group == 1 ? best : NONE);
        assert_int_equal(abx_gicv3_inputs(gic, cpu), expect_inputs(cpu, best, group));
    }
}

/* The state as a block, restored into another controller, is the same block again and signals the same. */
static void restore_elsewhere(void)
{
    size_t size;
    unsigned inputs[CPUS];
    assert_int_equal(abx_gicv3_save(gic, NULL, 0, &size), ABX_OK);
    uint8_t *block = malloc(size), *again = malloc(size);
    assert_int_equal(abx_gicv3_save(gic, block, size, &size), ABX_OK);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        inputs[cpu] = abx_gicv3_inputs(gic, cpu);
    gic_end();
    gic_begin(CPUS);
    assert_int_equal(abx_gicv3_restore(gic, block, size), ABX_OK);
    assert_int_equal(abx_gicv3_save(gic, again, size, &size), ABX_OK);
    assert_memory_equal(block, again, size);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        assert_int_equal(abx_gicv3_inputs(gic, cpu), inputs[cpu]);
    free(block);
    free(again);
}

static void signals_follow_from_the_registers(void **state)
{
    (void)state;
    const char *given = getenv("ABX_TEST_SEED");
    unsigned signalled = 0;
    seed = given ? strtoull(given, NULL, 0) : 0x9e3779b97f4a7c15;
    print_message("ABX_TEST_SEED=%#llx\n", (unsigned long long)seed);
    gic_begin_open(CPUS);
    for (unsigned i = 0; i < STEPS; i++) {
        step();
        compare();
        signalled += abx_gicv3_inputs(gic, 0) != 0;
        if (i % 500 == 499)
            restore_elsewhere();
    }
    gic_end();
    /* It was neither silent nor stuck. */
    assert_in_range(signalled, STEPS / 20, STEPS - STEPS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(signals_follow_from_the_registers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
