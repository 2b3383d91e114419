/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3/state.h"

/* IHI 0069, 12.11: one frame of 64 KiB for the redistributor itself, then one for its SGIs and PPIs. */
enum {
    FRAME = 0x10000,

    GICR_IIDR = 0x0004,
    GICR_TYPER = 0x0008,
    GICR_WAKER = 0x0014,
    GICR_PIDR2 = 0xffe8,
    GICR_ICFGR = 0x0c00, /* in the second frame */

    TYPER_LAST = 1 << 4,
    TYPER_NUMBER_SHIFT = 8,
    TYPER_AFFINITY_SHIFT = 32,

    WAKER_PROCESSOR_SLEEP = 1 << 1,
    WAKER_CHILDREN_ASLEEP = 1 << 2,

    IIDR_ARM = 0x43b,
    PIDR2_GICV3 = 3 << 4,
};

static uint64_t typer(const abx_gicv3 *gic, uint32_t cpu)
{
    return (uint64_t)ABX_ARM64_AFFINITY(cpu) << TYPER_AFFINITY_SHIFT | (uint64_t)cpu << TYPER_NUMBER_SHIFT |
           (cpu + 1 == gic->cpu_count ? TYPER_LAST : 0);
}

/* Who is told to sleep says so at once. It is woken all the same: nothing here loses power. */
static uint32_t read_waker(const gicv3_cpu *cpu)
{
    return cpu->state.asleep ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0;
}

static uint64_t read_control(const abx_gicv3 *gic, uint32_t cpu, uint64_t offset, uint32_t size)
{
    if (offset == GICR_TYPER && size == 8)
        return typer(gic, cpu);
    if (size != 4)
        return 0;
    switch (offset) {
    case GICR_IIDR:
        return IIDR_ARM;
    case GICR_TYPER:
        return (uint32_t)typer(gic, cpu);
    case GICR_TYPER + 4:
        return typer(gic, cpu) >> 32;
    case GICR_WAKER:
        return read_waker(&gic->cpus[cpu]);
    case GICR_PIDR2:
        return PIDR2_GICV3;
    default:
        return 0;
    }
}

/* The first bank's registers are the only ones of their arrays. */
static bool is_private(uint64_t offset)
{
    uint32_t bank;
    return offset >= FRAME && gicv3_bank_find(offset - FRAME, &bank) && bank == 0;
}

uint64_t gicv3_redistributor_read(void *device, uint64_t offset, uint32_t size)
{
    abx_gicv3 *gic = device;
    uint32_t cpu = (uint32_t)(offset / ABX_ARM64_GIC_REDISTRIBUTOR);
    uint64_t value;
    offset %= ABX_ARM64_GIC_REDISTRIBUTOR;
    pthread_mutex_lock(&gic->lock);
    if (is_private(offset))
        value = gicv3_bank_read(&gic->cpus[cpu].state.bank, offset - FRAME, size);
    else
        value = read_control(gic, cpu, offset, size);
    pthread_mutex_unlock(&gic->lock);
    return value;
}

/* SGIs are edges and PPIs levels, and stay so. */
static bool is_fixed(uint64_t offset)
{
    return offset >= FRAME + GICR_ICFGR;
}

void gicv3_redistributor_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    abx_gicv3 *gic = device;
    uint32_t id = (uint32_t)(offset / ABX_ARM64_GIC_REDISTRIBUTOR);
    gicv3_cpu *cpu = &gic->cpus[id];
    offset %= ABX_ARM64_GIC_REDISTRIBUTOR;
    pthread_mutex_lock(&gic->lock);
    if (is_private(offset) && !is_fixed(offset)) {
        gicv3_bank_write(&cpu->state.bank, offset - FRAME, size, (uint32_t)value);
        gicv3_update(gic, id);
    } else if (offset == GICR_WAKER && size == 4) {
        cpu->state.asleep = (value & WAKER_PROCESSOR_SLEEP) != 0;
    }
    pthread_mutex_unlock(&gic->lock);
}
