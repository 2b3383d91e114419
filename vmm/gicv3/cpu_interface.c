/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The system registers ICC_*_EL1: IHI 0069, 12.2. */
#include "gicv3/state.h"

enum {
    SRE = 7, /* system registers only, and no bypass of either input */

    CTLR_PRIORITY_BITS = 4 << 8, /* five, less one */
    CTLR_CHANGEABLE = ICC_CTLR_CBPR | ICC_CTLR_EOI_MODE,

    BINARY_POINT_MAX = 7,
    INTID_MASK = 0xffffff,
};

/* As many bits of a group's priority as there are: 7 minus bits, and one more for Group 1. */
static const uint32_t binary_point_min[2] = { 2, 3 };

static uint32_t take(abx_gicv3 *gic, uint32_t id, unsigned group)
{
    gicv3_cpu *cpu = &gic->cpus[id];
    gicv3_interface *interface = &cpu->state.interface;
    const gicv3_best best = cpu->best;
    uint32_t bit;
    if (best.group != group || !gicv3_can_signal(cpu))
        return GICV3_SPURIOUS;
    gicv3_bank *bank = gicv3_bank_of(gic, id, best.intid, &bit);
    uint32_t priority = gicv3_group_priority(interface, group, best.priority);
    bank->active |= bit;
    bank->latched &= ~bit;
    interface->active_priorities[group] |= UINT32_C(1) << (priority >> GICV3_PRIORITY_SHIFT);
    gicv3_update(gic, id);
    return best.intid;
}

static uint64_t read_iar(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    return take(gic, cpu, group);
}

static uint64_t read_hppir(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    const gicv3_best *best = &gic->cpus[cpu].best;
    return best->group == group ? best->intid : GICV3_SPURIOUS;
}

/* An SPI may have got another target since it was taken. */
static void deactivate(abx_gicv3 *gic, uint32_t cpu, uint32_t intid)
{
    uint32_t bit;
    gicv3_bank *bank = gicv3_bank_of(gic, cpu, intid, &bit);
    if (!bank)
        return;
    bank->active &= ~bit;
    if (intid < GICV3_FIRST_SPI)
        return;
    uint32_t target = gicv3_cpu_of(gic, gic->shared.route[intid - GICV3_FIRST_SPI]);
    if (target != GICV3_NOBODY && target != cpu)
        gicv3_update(gic, target);
}

/* The end that does not belong to the highest active priority is none: the architecture leaves open what it does. */
static bool drop_priority(gicv3_interface *interface, unsigned group)
{
    uint32_t own = interface->active_priorities[group];
    uint32_t all = interface->active_priorities[0] | interface->active_priorities[1];
    uint32_t highest = all & (~all + 1);
    interface->active_priorities[group] &= ~highest;
    return own & highest;
}

static void write_eoir(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    gicv3_interface *interface = &gic->cpus[cpu].state.interface;
    uint32_t intid = value & INTID_MASK;
    if (intid >= GICV3_INTERRUPTS || !drop_priority(interface, group))
        return;
    if (!(interface->control & ICC_CTLR_EOI_MODE))
        deactivate(gic, cpu, intid);
}

static void write_dir(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)group;
    if (gic->cpus[cpu].state.interface.control & ICC_CTLR_EOI_MODE)
        deactivate(gic, cpu, value & INTID_MASK);
}

static uint64_t read_pmr(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    (void)group;
    return gic->cpus[cpu].state.interface.priority_mask;
}

static void write_pmr(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)group;
    gic->cpus[cpu].state.interface.priority_mask = value & GICV3_PRIORITY_MASK;
}

static uint64_t read_rpr(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    (void)group;
    return gicv3_running_priority(&gic->cpus[cpu].state.interface);
}

static bool is_common(const gicv3_interface *interface, unsigned group)
{
    return group == 1 && interface->control & ICC_CTLR_CBPR;
}

static uint64_t read_bpr(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    const gicv3_interface *interface = &gic->cpus[cpu].state.interface;
    if (!is_common(interface, group))
        return interface->binary_point[group];
    uint32_t common = interface->binary_point[0] + 1;
    return common < BINARY_POINT_MAX ? common : BINARY_POINT_MAX;
}

static void write_bpr(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    gicv3_interface *interface = &gic->cpus[cpu].state.interface;
    uint32_t least = binary_point_min[group], wanted = value & BINARY_POINT_MAX;
    if (!is_common(interface, group))
        interface->binary_point[group] = wanted > least ? wanted : least;
}

static uint64_t read_ctlr(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    (void)group;
    return gic->cpus[cpu].state.interface.control | CTLR_PRIORITY_BITS;
}

static void write_ctlr(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)group;
    gic->cpus[cpu].state.interface.control = value & CTLR_CHANGEABLE;
}

static uint64_t read_igrpen(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    return gic->cpus[cpu].state.interface.enabled[group];
}

static void write_igrpen(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    gic->cpus[cpu].state.interface.enabled[group] = value & 1;
}

static uint64_t read_apr(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    return gic->cpus[cpu].state.interface.active_priorities[group];
}

static void write_apr(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    gic->cpus[cpu].state.interface.active_priorities[group] = (uint32_t)value;
}

static uint64_t read_sre(abx_gicv3 *gic, uint32_t cpu, unsigned group)
{
    (void)gic;
    (void)cpu;
    (void)group;
    return SRE;
}

static void write_nothing(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)gic;
    (void)cpu;
    (void)group;
    (void)value;
}

static void write_sgi1r(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)group;
    gicv3_send_sgi(gic, cpu, value, false);
}

static void write_sgi0r(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value)
{
    (void)group;
    gicv3_send_sgi(gic, cpu, value, true);
}

typedef struct system_register {
    uint32_t number;
    unsigned group; /* for those that both groups have */
    uint64_t (*read)(abx_gicv3 *gic, uint32_t cpu, unsigned group);
    void (*write)(abx_gicv3 *gic, uint32_t cpu, unsigned group, uint64_t value);
} system_register;

#define ICC(crn, crm, op2) ABX_ARM64_SYSREG_NUMBER(3, 0, crn, crm, op2)

/* The most frequent ones first. */
static const system_register registers[] = {
    { ICC(12, 12, 0), 1, read_iar, NULL },
    { ICC(12, 12, 1), 1, NULL, write_eoir },
    { ICC(12, 11, 5), 1, NULL, write_sgi1r },
    { ICC(12, 11, 1), 0, NULL, write_dir },
    { ICC(4, 6, 0), 0, read_pmr, write_pmr },
    { ICC(12, 8, 0), 0, read_iar, NULL },
    { ICC(12, 8, 1), 0, NULL, write_eoir },
    { ICC(12, 8, 2), 0, read_hppir, NULL },
    { ICC(12, 8, 3), 0, read_bpr, write_bpr },
    { ICC(12, 8, 4), 0, read_apr, write_apr },
    { ICC(12, 9, 0), 1, read_apr, write_apr },
    { ICC(12, 11, 3), 0, read_rpr, NULL },
    { ICC(12, 11, 6), 0, NULL, write_sgi0r }, /* ICC_ASGI1R_EL1 */
    { ICC(12, 11, 7), 0, NULL, write_sgi0r },
    { ICC(12, 12, 2), 1, read_hppir, NULL },
    { ICC(12, 12, 3), 1, read_bpr, write_bpr },
    { ICC(12, 12, 4), 0, read_ctlr, write_ctlr },
    { ICC(12, 12, 5), 0, read_sre, write_nothing },
    { ICC(12, 12, 6), 0, read_igrpen, write_igrpen },
    { ICC(12, 12, 7), 1, read_igrpen, write_igrpen },
};

static const system_register *find(uint32_t number)
{
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        if (registers[i].number == number)
            return &registers[i];
    }
    return NULL;
}

bool abx_gicv3_access(abx_gicv3 *gic, uint32_t cpu, const abx_exit_sysreg *access)
{
    const system_register *known = find(access->reg);
    bool writes = access->direction == ABX_WRITE;
    if (!known || (writes ? !known->write : !known->read))
        return false;
    pthread_mutex_lock(&gic->lock);
    if (writes)
        known->write(gic, cpu, known->group, *access->data);
    else
        *access->data = known->read(gic, cpu, known->group);
    if (writes)
        gicv3_update(gic, cpu);
    pthread_mutex_unlock(&gic->lock);
    return true;
}

void abx_gicv3_reset_interface(abx_gicv3 *gic, uint32_t cpu)
{
    pthread_mutex_lock(&gic->lock);
    gic->cpus[cpu].state.interface = (gicv3_interface){ .binary_point = { binary_point_min[0], binary_point_min[1] } };
    gicv3_update(gic, cpu);
    pthread_mutex_unlock(&gic->lock);
}
