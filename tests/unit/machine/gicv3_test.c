/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

#include <string.h>

abx_gicv3 *gic;
unsigned gic_woken[ABX_GICV3_CPUS];

static abx_bus bus;

static void wake(void *machine, uint32_t cpu)
{
    assert_ptr_equal(machine, &bus);
    assert_int_not_equal(abx_gicv3_inputs(gic, cpu), 0);
    gic_woken[cpu]++;
}

void gic_begin(uint32_t cpus)
{
    memset(gic_woken, 0, sizeof(gic_woken));
    assert_int_equal(abx_gicv3_new(&gic, cpus, wake, &bus), ABX_OK);
    assert_int_equal(abx_gicv3_attach(gic, &bus), ABX_OK);
}

static void open_frame(void (*write)(uint32_t cpu, uint32_t offset, uint32_t value), uint32_t cpu, uint32_t frame,
                       uint32_t banks)
{
    for (uint32_t bank = 0; bank < banks; bank++) {
        write(cpu, frame + GICD_IGROUPR + 4 * bank, UINT32_MAX);
        write(cpu, frame + GICD_ISENABLER + 4 * bank, UINT32_MAX);
        for (uint32_t i = 0; i < 32; i += 4)
            write(cpu, frame + GICD_IPRIORITYR + 32 * bank + i, 0xa0a0a0a0);
    }
}

static void write_distributor(uint32_t cpu, uint32_t offset, uint32_t value)
{
    (void)cpu;
    gicd_write(offset, value);
}

void gic_begin_open(uint32_t cpus)
{
    gic_begin(cpus);
    gicd_write(GICD_CTLR, 3);
    open_frame(write_distributor, 0, 0, (SPI + ABX_GICV3_SPIS) / 32);
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        open_frame(gicr_write, cpu, GICR_FRAME, 1);
        icc_write(cpu, ICC_PMR, 0xff);
        icc_write(cpu, ICC_IGRPEN0, 1);
        icc_write(cpu, ICC_IGRPEN1, 1);
    }
}

void gic_end(void)
{
    abx_bus_clear(&bus);
    abx_gicv3_free(gic);
    gic = NULL;
}

static void access_memory(uint64_t address, uint8_t size, abx_direction direction, uint64_t *value)
{
    const abx_exit_mmio mmio = {
        .address = address, .size = size, .direction = (uint8_t)direction, .data = (uint8_t *)value
    };
    abx_bus_mmio(&bus, &mmio);
}

uint64_t gic_load(uint64_t address, uint8_t size)
{
    uint64_t value = 0;
    access_memory(address, size, ABX_READ, &value);
    return value;
}

void gic_store(uint64_t address, uint8_t size, uint64_t value)
{
    access_memory(address, size, ABX_WRITE, &value);
}

uint32_t gicd_read(uint32_t offset)
{
    return (uint32_t)gic_load(ABX_ARM64_GIC_DISTRIBUTOR + offset, 4);
}

void gicd_write(uint32_t offset, uint32_t value)
{
    gic_store(ABX_ARM64_GIC_DISTRIBUTOR + offset, 4, value);
}

static uint64_t redistributor(uint32_t cpu)
{
    return ABX_ARM64_GIC_REDISTRIBUTORS + cpu * ABX_ARM64_GIC_REDISTRIBUTOR;
}

uint32_t gicr_read(uint32_t cpu, uint32_t offset)
{
    return (uint32_t)gic_load(redistributor(cpu) + offset, 4);
}

void gicr_write(uint32_t cpu, uint32_t offset, uint32_t value)
{
    gic_store(redistributor(cpu) + offset, 4, value);
}

bool gic_known(uint32_t reg, abx_direction direction)
{
    uint64_t value = 0;
    const abx_exit_sysreg access = { .reg = reg, .direction = (uint8_t)direction, .data = &value };
    return abx_gicv3_access(gic, 0, &access);
}

uint64_t icc_read(uint32_t cpu, uint32_t reg)
{
    uint64_t value = 0xdeadbeefdeadbeef;
    const abx_exit_sysreg access = { .reg = reg, .direction = ABX_READ, .data = &value };
    assert_true(abx_gicv3_access(gic, cpu, &access));
    return value;
}

void icc_write(uint32_t cpu, uint32_t reg, uint64_t value)
{
    const abx_exit_sysreg access = { .reg = reg, .direction = ABX_WRITE, .data = &value };
    assert_true(abx_gicv3_access(gic, cpu, &access));
}

uint32_t gic_take(uint32_t cpu)
{
    return (uint32_t)icc_read(cpu, ICC_IAR1);
}

void gic_finish(uint32_t cpu, uint32_t intid)
{
    icc_write(cpu, ICC_EOIR1, intid);
}

void gic_set_bit(uint32_t cpu, uint32_t array, uint32_t intid)
{
    if (intid < SPI)
        gicr_write(cpu, GICR_FRAME + array, UINT32_C(1) << intid);
    else
        gicd_write(array + 4 * (intid / 32), UINT32_C(1) << intid % 32);
}

bool gic_bit(uint32_t cpu, uint32_t array, uint32_t intid)
{
    uint32_t word = intid < SPI ? gicr_read(cpu, GICR_FRAME + array) : gicd_read(array + 4 * (intid / 32));
    return word >> intid % 32 & 1;
}

void gic_set_priority(uint32_t cpu, uint32_t intid, uint8_t priority)
{
    uint64_t frame = intid < SPI ? redistributor(cpu) + GICR_FRAME : ABX_ARM64_GIC_DISTRIBUTOR;
    gic_store(frame + GICD_IPRIORITYR + intid, 1, priority);
}

void gic_set_edge(uint32_t spi, bool edge)
{
    uint32_t offset = GICD_ICFGR + 4 * ((SPI + spi) / 16), bit = UINT32_C(2) << 2 * (spi % 16);
    uint32_t before = gicd_read(offset);
    gicd_write(offset, edge ? before | bit : before & ~bit);
}

void gic_route(uint32_t spi, uint64_t affinity)
{
    gic_store(ABX_ARM64_GIC_DISTRIBUTOR + GICD_IROUTER + 8 * (SPI + spi), 8, affinity);
}
