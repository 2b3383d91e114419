/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_power.h"

#include "machine_gic.h"

#include <arcbox/arm64.h>

static void wake(void *object, uint32_t cpu)
{
    abx_machine *machine = object;
    abx_vcpu_wait_wake(&machine->cpus[cpu].wait);
}

/* What a vCPU waits by may have stood still while the host slept: it looks at the guest's clock anew. Comes at any
 * time, also while the vCPUs' threads are being started. */
static void follow_sleep(abx_machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    for (uint32_t i = 0; i < machine->cpu_count; i++)
        abx_vcpu_wait_expire(&machine->cpus[i].wait);
    pthread_mutex_unlock(&machine->lock);
}

/* Whoever stopped the VM: those in the guest leave it, and those outside need to be told. */
static void observe(void *payload, const abx_event *event)
{
    abx_machine *machine = payload;
    if (event->kind == ABX_EVENT_HOST_WOKE)
        follow_sleep(machine);
    if (event->kind != ABX_EVENT_STATE || (event->state != ABX_VM_STOPPED && event->state != ABX_VM_FAILED))
        return;
    for (uint32_t i = 0; i < machine->cpu_count; i++)
        abx_vcpu_wait_finish(&machine->cpus[i].wait);
}

abx_status abx_machine_build_psci(abx_machine *machine)
{
    abx_status status = abx_psci_new(&machine->psci, abx_vm_get_config(machine->vm)->cpus, wake, machine);
    if (status == ABX_OK)
        status = abx_event_observe(machine->vm, observe, machine);
    if (status == ABX_OK)
        return ABX_OK;
    abx_psci_free(machine->psci);
    machine->psci = NULL;
    return status;
}

void abx_machine_free_psci(abx_machine *machine)
{
    if (!machine->psci)
        return;
    (void)abx_event_unobserve(machine->vm, observe, machine);
    abx_psci_free(machine->psci);
    machine->psci = NULL;
}

static void tell(const abx_machine_cpu *cpu, abx_event_kind kind)
{
    const abx_event event = { .kind = kind, .vcpu = cpu->id };
    abx_event_post(cpu->machine->vm, &event);
}

static bool fail(abx_machine_cpu *cpu)
{
    abx_machine_finish(cpu->machine, ABX_END_FAILED, cpu->id, 0, abx_last_error()->message);
    return false;
}

/* DEN 0022, 6.4: EL1 with interrupts masked; translation and caches are off by reset. `used`: it has run before. */
static abx_status begin(abx_machine_cpu *cpu, const abx_psci_start *start, bool used)
{
    static const abx_reg names[] = { ABX_ARM64_X(0), ABX_ARM64_PC, ABX_ARM64_PSTATE };
    const uint64_t values[] = { start->context, start->entry, ABX_ARM64_PSTATE_EL1H };
    abx_status status = used ? abx_arm64_reset(cpu->vcpu) : ABX_OK;
    if (status == ABX_OK)
        status = abx_vcpu_write_registers(cpu->vcpu, names, values, sizeof(names) / sizeof(names[0]));
    return status == ABX_OK ? abx_vcpu_set_mp_state(cpu->vcpu, ABX_MP_RUNNABLE) : status;
}

static bool is_called(void *payload)
{
    const abx_machine_cpu *cpu = payload;
    return abx_psci_is_called(cpu->machine->psci, cpu->id);
}

static bool await_call(abx_machine_cpu *cpu, bool used)
{
    abx_machine *machine = cpu->machine;
    if (!abx_vcpu_wait_for(&cpu->wait, is_called, cpu, NULL)) {
        abx_machine_note_end(machine, ABX_END_STOPPED, 0, "");
        return false;
    }
    abx_psci_start start = abx_psci_answer(machine->psci, cpu->id);
    tell(cpu, ABX_EVENT_GUEST_VCPU_ON);
    if (begin(cpu, &start, used) != ABX_OK)
        return fail(cpu);
    abx_machine_reset_interface(cpu);
    return true;
}

bool abx_machine_suspend(abx_machine_cpu *cpu)
{
    tell(cpu, ABX_EVENT_GUEST_SUSPEND);
    return abx_vcpu_set_mp_state(cpu->vcpu, ABX_MP_SUSPENDED) == ABX_OK || fail(cpu);
}

/* The parameters of the guest's call are in its registers still: a machine that was saved asleep has them as well. */
bool abx_machine_wake_up(abx_machine_cpu *cpu)
{
    static const abx_reg names[] = { ABX_ARM64_X(1), ABX_ARM64_X(2) };
    uint64_t values[2] = { 0 };
    abx_status status = abx_vcpu_read_registers(cpu->vcpu, names, values, 2);
    const abx_psci_start start = { .entry = values[0], .context = values[1] };
    if (status != ABX_OK || begin(cpu, &start, true) != ABX_OK)
        return fail(cpu);
    tell(cpu, ABX_EVENT_GUEST_WAKEUP);
    return true;
}

bool abx_machine_await_power(abx_machine_cpu *cpu)
{
    return !cpu->machine->psci || cpu->id == 0 || await_call(cpu, false);
}

static bool finish(abx_machine_cpu *cpu, abx_machine_end end, const char *text)
{
    abx_machine_finish(cpu->machine, end, cpu->id, 0, text);
    return false;
}

/* A kernel's controller is asked by nobody: then the vCPU goes on at once, as after an interrupt. */
static bool suspend(abx_machine_cpu *cpu)
{
    if (!cpu->machine->gic)
        return true;
    return abx_machine_await_interrupt(cpu) == ABX_OK || fail(cpu);
}

static bool switch_off(abx_machine_cpu *cpu)
{
    tell(cpu, ABX_EVENT_GUEST_VCPU_OFF);
    return await_call(cpu, true);
}

bool abx_machine_call_psci(abx_machine_cpu *cpu, const abx_exit_hypercall *call)
{
    switch (abx_psci_call(cpu->machine->psci, cpu->id, call)) {
    case ABX_PSCI_SUSPEND:
        return suspend(cpu);
    case ABX_PSCI_OFF:
        return switch_off(cpu);
    case ABX_PSCI_LAST_OFF:
        tell(cpu, ABX_EVENT_GUEST_VCPU_OFF);
        return finish(cpu, ABX_END_HALT, "every vCPU is off");
    case ABX_PSCI_SHUTDOWN:
        return finish(cpu, ABX_END_SHUTDOWN, "PSCI");
    case ABX_PSCI_RESET:
        return finish(cpu, ABX_END_RESET, "PSCI");
    default:
        return true;
    }
}
