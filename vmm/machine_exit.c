/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_gic.h"
#include "machine_internal.h"
#include "machine_power.h"

#include <stdio.h>

/* What the guest is answered to hypercalls that nobody knows. */
enum {
    KVM_ENOSYS = -1000,       /* x86_64, as KVM itself: Linux, include/uapi/linux/kvm_para.h */
    SMCCC_NOT_SUPPORTED = -1, /* ARM64: SMC Calling Convention (DEN 0028), section 5.1 */
};

static bool finish(abx_machine_cpu *cpu, abx_machine_end end, const char *text)
{
    abx_machine_finish(cpu->machine, end, cpu->id, 0, text);
    return false;
}

static bool fail(abx_machine_cpu *cpu, const abx_exit *exit)
{
    char text[sizeof(cpu->machine->result.text)];
    int length = snprintf(text, sizeof(text), "vCPU %u: ", cpu->id);
    abx_exit_describe(exit, text + length, sizeof(text) - (size_t)length);
    return finish(cpu, ABX_END_FAILED, text);
}

static bool is_arm64(const abx_machine *machine)
{
    return abx_vm_get_config(machine->vm)->arch == ABX_ARCH_ARM64;
}

/* With what the backend tells beside the event, such as how a reset was asked for. */
static bool finish_by_event(abx_machine_cpu *cpu, abx_machine_end end, const abx_exit *exit)
{
    const abx_exit_system_event *event = &exit->system_event;
    char text[sizeof(cpu->machine->result.text)];
    abx_exit_describe(exit, text, sizeof(text));
    abx_machine_finish(cpu->machine, end, cpu->id, event->data_count > 0 ? event->data[0] : 0, text);
    return false;
}

static bool handle_system_event(abx_machine_cpu *cpu, const abx_exit *exit)
{
    switch (exit->system_event.event) {
    case ABX_SYSTEM_SHUTDOWN:
        return finish_by_event(cpu, ABX_END_SHUTDOWN, exit);
    case ABX_SYSTEM_RESET:
        return finish_by_event(cpu, ABX_END_RESET, exit);
    case ABX_SYSTEM_CRASH:
        return finish_by_event(cpu, ABX_END_PANIC, exit);
    case ABX_SYSTEM_TERMINATE:
        return finish_by_event(cpu, ABX_END_FAULT, exit);
    case ABX_SYSTEM_SUSPEND:
        return !is_arm64(cpu->machine) || abx_machine_suspend(cpu);
    case ABX_SYSTEM_WAKEUP:
        return !is_arm64(cpu->machine) || abx_machine_wake_up(cpu);
    default:
        return true;
    }
}

static bool refuse_msr(const abx_exit_msr *msr)
{
    *msr->error = 1;
    return true;
}

static bool refuse_hypercall(const abx_machine *machine, const abx_exit_hypercall *hypercall)
{
    *hypercall->result = (uint64_t)(int64_t)(is_arm64(machine) ? SMCCC_NOT_SUPPORTED : KVM_ENOSYS);
    return true;
}

static bool handle_hypercall(abx_machine_cpu *cpu, const abx_exit_hypercall *hypercall)
{
    return cpu->machine->psci ? abx_machine_call_psci(cpu, hypercall) : refuse_hypercall(cpu->machine, hypercall);
}

/* What nobody knows reads as zero, and a write to it vanishes. */
static bool handle_sysreg(abx_machine_cpu *cpu, const abx_exit_sysreg *sysreg)
{
    bool known = cpu->machine->gic && abx_gicv3_access(cpu->machine->gic, cpu->id, sysreg);
    if (!known && sysreg->direction == ABX_READ)
        *sysreg->data = 0;
    return true;
}

/* With interrupt controllers in the kernel the kernel waits; without any, nothing wakes the only vCPU. */
static bool handle_halt(abx_machine_cpu *cpu)
{
    if (!cpu->machine->gic)
        return finish(cpu, ABX_END_HALT, "");
    return abx_machine_await_interrupt(cpu) == ABX_OK || finish(cpu, ABX_END_FAILED, abx_last_error()->message);
}

static bool handle_timer(abx_machine_cpu *cpu)
{
    abx_machine_take_timer(cpu);
    return true;
}

bool abx_machine_handle_exit(abx_machine_cpu *cpu, const abx_exit *exit)
{
    abx_machine *machine = cpu->machine;
    switch (exit->kind) {
    case ABX_EXIT_IO:
        abx_bus_port_io(&machine->ports, &exit->io);
        return true;
    case ABX_EXIT_MMIO:
        abx_bus_mmio(&machine->mmio, &exit->mmio);
        return true;
    case ABX_EXIT_INTERRUPTED:
        abx_machine_share_statistics(cpu);
        return true;
    case ABX_EXIT_IRQ_WINDOW:
    case ABX_EXIT_IOAPIC_EOI:
    case ABX_EXIT_NMI:
    case ABX_EXIT_TPR_ACCESS:
    case ABX_EXIT_SET_TPR:
    case ABX_EXIT_BUS_LOCK:
    case ABX_EXIT_NOTIFY:
        return true;
    case ABX_EXIT_HYPERCALL:
        return handle_hypercall(cpu, &exit->hypercall);
    case ABX_EXIT_MSR_READ:
    case ABX_EXIT_MSR_WRITE:
        return refuse_msr(&exit->msr);
    case ABX_EXIT_SYSTEM_EVENT:
        return handle_system_event(cpu, exit);
    case ABX_EXIT_SYSREG:
        return handle_sysreg(cpu, &exit->sysreg);
    case ABX_EXIT_TIMER:
        return handle_timer(cpu);
    case ABX_EXIT_HALT:
        return handle_halt(cpu);
    case ABX_EXIT_SHUTDOWN:
        return finish(cpu, ABX_END_FAULT, "triple fault");
    case ABX_EXIT_STOPPED: /* by whoever noted an end, or by somebody who has the VM in hand */
        abx_machine_note_end(machine, ABX_END_STOPPED, 0, "");
        return false;
    default:
        return fail(cpu, exit);
    }
}
