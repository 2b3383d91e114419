/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which interrupt reaches which processor: IHI 0069, chapter 4. */
#include "gicv3/state.h"

enum { IDLE_PRIORITY = 0xff };

/* The inverse of ABX_ARM64_AFFINITY(). */
uint32_t gicv3_cpu_of(const abx_gicv3 *gic, uint64_t affinity)
{
    uint64_t aff0 = affinity & 0xff, aff1 = affinity >> 8 & 0xff, higher = affinity >> 16;
    uint64_t cpu = aff0 | aff1 << 4 | higher << 12;
    return aff0 < 16 && higher <= 0xff && cpu < gic->cpu_count ? (uint32_t)cpu : GICV3_NOBODY;
}

gicv3_bank *gicv3_bank_of(abx_gicv3 *gic, uint32_t cpu, uint32_t intid, uint32_t *bit)
{
    if (intid >= GICV3_INTERRUPTS)
        return NULL;
    *bit = UINT32_C(1) << intid % GICV3_PER_BANK;
    if (intid < GICV3_FIRST_SPI)
        return &gic->cpus[cpu].state.bank;
    return &gic->shared.banks[(intid - GICV3_FIRST_SPI) / GICV3_PER_BANK];
}

uint32_t gicv3_running_priority(const gicv3_interface *interface)
{
    uint32_t active = interface->active_priorities[0] | interface->active_priorities[1];
    return active ? (uint32_t)__builtin_ctz(active) << GICV3_PRIORITY_SHIFT : IDLE_PRIORITY;
}

/* 4.8.5: BPR0 counts the bits of the subpriority from minus one on, BPR1 from zero on. */
uint32_t gicv3_group_priority(const gicv3_interface *interface, unsigned group, uint32_t priority)
{
    bool own = group == 1 && !(interface->control & ICC_CTLR_CBPR);
    uint32_t subpriority_bits = own ? interface->binary_point[1] : interface->binary_point[0] + 1;
    return priority >> subpriority_bits << subpriority_bits;
}

bool gicv3_can_signal(const gicv3_cpu *cpu)
{
    const gicv3_interface *interface = &cpu->state.interface;
    const gicv3_best *best = &cpu->best;
    return best->intid != GICV3_SPURIOUS && best->priority < interface->priority_mask &&
           gicv3_group_priority(interface, best->group, best->priority) < gicv3_running_priority(interface);
}

/* The interrupts of the bank that are pending and may be signalled, both at the distributor and at the interface. */
static uint32_t candidates(const abx_gicv3 *gic, const gicv3_cpu *cpu, const gicv3_bank *bank)
{
    const gicv3_interface *interface = &cpu->state.interface;
    uint32_t pending = bank->latched | (bank->level & ~bank->edge);
    uint32_t groups = 0;
    if (gic->shared.control & 1 && interface->enabled[0])
        groups |= ~bank->group1;
    if (gic->shared.control & 2 && interface->enabled[1])
        groups |= bank->group1;
    return pending & bank->enabled & ~bank->active & groups;
}

/* Of equal priorities the lower INTID goes first. */
static void consider(gicv3_best *best, const gicv3_bank *bank, uint32_t first, unsigned index)
{
    if (best->intid != GICV3_SPURIOUS && bank->priority[index] >= best->priority)
        return;
    *best = (gicv3_best){
        .intid = first + index,
        .priority = bank->priority[index],
        .group = bank->group1 >> index & 1,
    };
}

static gicv3_best find_best(const abx_gicv3 *gic, uint32_t id)
{
    const gicv3_cpu *cpu = &gic->cpus[id];
    gicv3_best best = { .intid = GICV3_SPURIOUS };
    for (uint32_t left = candidates(gic, cpu, &cpu->state.bank); left; left &= left - 1)
        consider(&best, &cpu->state.bank, 0, (unsigned)__builtin_ctz(left));
    for (uint32_t i = 0; i < GICV3_SPI_BANKS; i++) {
        const gicv3_bank *bank = &gic->shared.banks[i];
        for (uint32_t left = candidates(gic, cpu, bank); left; left &= left - 1) {
            unsigned index = (unsigned)__builtin_ctz(left);
            if (gicv3_cpu_of(gic, gic->shared.route[i * GICV3_PER_BANK + index]) == id)
                consider(&best, bank, GICV3_FIRST_SPI + i * GICV3_PER_BANK, index);
        }
    }
    return best;
}

/* With one security state Group 0 comes as FIQ and Group 1 as IRQ (4.6.2). */
void gicv3_update(abx_gicv3 *gic, uint32_t id)
{
    gicv3_cpu *cpu = &gic->cpus[id];
    cpu->best = find_best(gic, id);
    unsigned inputs = 0;
    if (gicv3_can_signal(cpu))
        inputs = cpu->best.group == 1 ? ABX_GICV3_IRQ : ABX_GICV3_FIQ;
    unsigned before = atomic_exchange(&cpu->inputs, inputs);
    if (inputs & ~before)
        gic->wake(gic->machine, id);
}

void gicv3_update_all(abx_gicv3 *gic)
{
    for (uint32_t id = 0; id < gic->cpu_count; id++)
        gicv3_update(gic, id);
}
