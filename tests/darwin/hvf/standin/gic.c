/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"

#include "gic_controller.h"
#include "instruction.h"
#include "registers.h"
#include "timer.h"
#include "translate.h"
#include "turn.h"

#include <time.h>

static uint32_t number_of(const model_vcpu *vcpu)
{
    uint64_t mpidr = vcpu->mpidr;
    uint64_t number = (mpidr & 0xf) | (mpidr >> 8 & 0xff) << 4;
    if (mpidr & 0xf0 || number >= MODEL_VCPUS)
        model_broken("hv_gic", "MPIDR_EL1 names no vCPU: set it first");
    return (uint32_t)number;
}

void gic_inputs(const model_vcpu *vcpu, bool *irq, bool *fiq)
{
    *irq = vcpu->irq;
    *fiq = vcpu->fiq;
    if (!gic_exists())
        return;
    unsigned inputs = abx_gicv3_inputs(gic.controller, number_of(vcpu));
    *irq = inputs & ABX_GICV3_IRQ;
    *fiq = inputs & ABX_GICV3_FIQ;
}

void gic_take_timer(const model_vcpu *vcpu)
{
    if (gic_exists())
        abx_gicv3_set_ppi(gic.controller, number_of(vcpu), ABX_ARM64_PPI_VIRTUAL_TIMER, timer_fires(vcpu));
}

static bool is_inside(hv_ipa_t address, hv_ipa_t base, uint64_t size)
{
    return address >= base && address - base < size;
}

static uint64_t extended(const instruction_access *access, uint64_t value)
{
    uint32_t unused = 64 - 8 * access->size;
    value = access->sign_extends ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
    return access->wide ? value : (uint32_t)value;
}

/* Only what the hardware describes reaches the GIC. */
bool gic_memory_access(model_vcpu *vcpu)
{
    instruction_access access;
    hv_ipa_t address = vcpu->physical_address;
    if (!gic_exists() || (!is_inside(address, ABX_ARM64_GIC_DISTRIBUTOR, GIC_DISTRIBUTOR_SIZE) &&
                          !is_inside(address, ABX_ARM64_GIC_REDISTRIBUTORS, GIC_REDISTRIBUTORS_SIZE)))
        return false;
    if (!instruction_decode(vcpu, fetch(vcpu, vcpu->pc), &access) || !access.described)
        return false;
    uint64_t value = access.write ? register_x(vcpu, access.reg) : 0;
    const abx_exit_mmio mmio = {
        .address = address,
        .size = (uint8_t)access.size,
        .direction = access.write ? ABX_WRITE : ABX_READ,
        .data = (uint8_t *)&value,
    };
    abx_bus_mmio(&gic.bus, &mmio);
    if (!access.write)
        register_set_x(vcpu, access.reg, extended(&access, value));
    register_set_pc(vcpu, vcpu->pc + sizeof(uint32_t));
    return true;
}

bool gic_register_access(const model_vcpu *vcpu, hv_sys_reg_t reg, bool write, uint64_t *value)
{
    const abx_exit_sysreg access = { .reg = reg, .direction = write ? ABX_WRITE : ABX_READ, .data = value };
    return gic_exists() && abx_gicv3_access(gic.controller, number_of(vcpu), &access);
}

/* When the timer fires, in the time of CLOCK_MONOTONIC; false: it does not. */
static bool next_timer(const model_vcpu *vcpu, struct timespec *when)
{
    if (!(vcpu->timer_control & TIMER_ENABLE) || vcpu->timer_control & TIMER_MASK)
        return false;
    uint64_t ticks = vcpu->timer_compare + vcpu->timer_offset + 1;
    when->tv_sec = (time_t)(ticks / MODEL_FREQUENCY);
    when->tv_nsec = (long)(ticks % MODEL_FREQUENCY * 1000 / (MODEL_FREQUENCY / 1000000));
    return true;
}

void gic_wait(model_vcpu *vcpu)
{
    bool irq, fiq;
    for (;;) {
        gic_take_timer(vcpu);
        gic_inputs(vcpu, &irq, &fiq);
        if (irq || fiq || atomic_load(&vcpu->cancelled))
            return;
        struct timespec when;
        bool timed = next_timer(vcpu, &when);
        turn_give();
        if (timed)
            (void)sem_clockwait(&vcpu->wake, CLOCK_MONOTONIC, &when);
        else
            (void)sem_wait(&vcpu->wake);
        turn_take();
    }
}
