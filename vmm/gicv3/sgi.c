/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Software generated interrupts: IHI 0069, 4.4 and the description of ICC_SGI1R_EL1. */
#include "gicv3/state.h"

/* With one security state ICC_SGI1R_EL1 sends to either group, the others to Group 0 alone (table 12-14). */
static void send_to(abx_gicv3 *gic, uint32_t cpu, uint32_t bit, bool group0_only)
{
    gicv3_bank *bank = &gic->cpus[cpu].state.bank;
    if (group0_only && bank->group1 & bit)
        return;
    bank->latched |= bit;
    gicv3_update(gic, cpu);
}

void gicv3_send_sgi(abx_gicv3 *gic, uint32_t from, uint64_t value, bool group0_only)
{
    uint32_t bit = UINT32_C(1) << (value >> 24 & 0xf);
    bool to_all_others = value >> 40 & 1;
    if (to_all_others) {
        for (uint32_t cpu = 0; cpu < gic->cpu_count; cpu++) {
            if (cpu != from)
                send_to(gic, cpu, bit, group0_only);
        }
        return;
    }
    uint64_t cluster = (value >> 48 & 0xff) << 24 | (value >> 32 & 0xff) << 16 | (value >> 16 & 0xff) << 8;
    for (uint32_t list = value & 0xffff; list; list &= list - 1) {
        uint32_t cpu = gicv3_cpu_of(gic, cluster | (uint32_t)__builtin_ctz(list));
        if (cpu != GICV3_NOBODY)
            send_to(gic, cpu, bit, group0_only);
    }
}
