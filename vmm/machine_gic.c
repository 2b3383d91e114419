/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_gic.h"

#include <arcbox/arm64.h>

enum {
    UNKNOWN_INPUTS = -1, /* they are set before the next run */
    NANOSECONDS = 1000000000,
};

/* Nobody waits longer at a time: that is years. */
#define LONGEST_WAIT (UINT64_C(1) << 30)

static void wake(void *object, uint32_t cpu)
{
    abx_machine *machine = object;
    abx_vcpu_wait_wake(&machine->cpus[cpu].wait);
}

abx_status abx_machine_build_gic(abx_machine *machine)
{
    abx_status status = abx_gicv3_new(&machine->gic, abx_vm_get_config(machine->vm)->cpus, wake, machine);
    return status == ABX_OK ? abx_gicv3_attach(machine->gic, &machine->mmio) : status;
}

/* A change that comes after the last look kicks the vCPU. */
static abx_status set_inputs(abx_machine_cpu *cpu)
{
    abx_status status = ABX_OK;
    int now = (int)abx_gicv3_inputs(cpu->machine->gic, cpu->id);
    while (status == ABX_OK && now != cpu->inputs) {
        status = abx_arm64_set_irq(cpu->vcpu, now & ABX_GICV3_IRQ, now & ABX_GICV3_FIQ);
        cpu->inputs = now;
        now = (int)abx_gicv3_inputs(cpu->machine->gic, cpu->id);
    }
    return status;
}

static void set_timer_line(const abx_machine_cpu *cpu, bool level)
{
    abx_gicv3_set_ppi(cpu->machine->gic, cpu->id, ABX_ARM64_PPI_VIRTUAL_TIMER, level);
}

static bool is_high(const abx_arm64_timer *timer)
{
    return timer->enabled && !timer->masked_by_guest && timer->count >= timer->compare;
}

/* The guest lowers the timer's output without an exit, by setting it anew. Until that is seen, no exit tells of the
 * next time. */
static abx_status watch_timer(abx_machine_cpu *cpu)
{
    abx_arm64_timer timer;
    abx_status status = abx_arm64_get_timer(cpu->vcpu, &timer);
    if (status != ABX_OK || is_high(&timer))
        return status;
    set_timer_line(cpu, false);
    cpu->timer_fired = false;
    return abx_arm64_unmask_timer(cpu->vcpu);
}

abx_status abx_machine_run_with_gic(abx_machine_cpu *cpu, abx_exit *exit)
{
    abx_vcpu_wait_enter(&cpu->wait);
    abx_status status = set_inputs(cpu);
    if (status == ABX_OK)
        status = abx_vcpu_run(cpu->vcpu, exit);
    abx_vcpu_wait_leave(&cpu->wait);
    return status == ABX_OK && cpu->timer_fired ? watch_timer(cpu) : status;
}

void abx_machine_take_timer(abx_machine_cpu *cpu)
{
    if (!cpu->machine->gic)
        return;
    cpu->timer_fired = true;
    set_timer_line(cpu, true);
}

/* When the timer's output will be high; false: not by itself. */
static bool find_deadline(const abx_arm64_timer *timer, struct timespec *deadline)
{
    if (!timer->enabled || timer->masked_by_guest)
        return false;
    uint64_t ticks = timer->count < timer->compare ? timer->compare - timer->count : 0;
    uint64_t seconds = ticks / timer->frequency;
    uint64_t rest = (ticks % timer->frequency * NANOSECONDS + timer->frequency - 1) / timer->frequency;
    if (seconds > LONGEST_WAIT)
        seconds = LONGEST_WAIT;
    clock_gettime(CLOCK_MONOTONIC, deadline);
    uint64_t nanoseconds = (uint64_t)deadline->tv_nsec + rest;
    deadline->tv_sec += (time_t)(seconds + nanoseconds / NANOSECONDS);
    deadline->tv_nsec = (long)(nanoseconds % NANOSECONDS);
    return true;
}

static bool has_interrupt(void *payload)
{
    const abx_machine_cpu *cpu = payload;
    return abx_gicv3_inputs(cpu->machine->gic, cpu->id) != 0;
}

/* While the timer's interrupt is on its way already, the timer wakes nobody a second time. */
abx_status abx_machine_await_interrupt(abx_machine_cpu *cpu)
{
    struct timespec deadline;
    abx_arm64_timer timer = { 0 };
    abx_status status = cpu->timer_fired ? ABX_OK : abx_arm64_get_timer(cpu->vcpu, &timer);
    if (status != ABX_OK)
        return status;
    bool timed = find_deadline(&timer, &deadline);
    abx_vcpu_wait_for(&cpu->wait, has_interrupt, cpu, timed ? &deadline : NULL);
    return ABX_OK;
}

void abx_machine_reset_interface(abx_machine_cpu *cpu)
{
    if (!cpu->machine->gic)
        return;
    abx_gicv3_reset_interface(cpu->machine->gic, cpu->id);
    cpu->inputs = UNKNOWN_INPUTS;
}
