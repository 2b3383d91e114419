/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include <stdio.h>

/* What the guest is answered to hypercalls that nobody knows. */
enum {
    KVM_ENOSYS = -1000,       /* x86_64, as KVM itself: Linux, include/uapi/linux/kvm_para.h */
    SMCCC_NOT_SUPPORTED = -1, /* ARM64: SMC Calling Convention (DEN 0028), section 5.1 */
};

static bool finish(abx_machine *machine, abx_machine_end end, uint32_t id, const char *text)
{
    abx_machine_finish(machine, end, id, 0, text);
    return false;
}

static bool fail(abx_machine *machine, uint32_t id, const abx_exit *exit)
{
    char text[sizeof(machine->result.text)];
    int length = snprintf(text, sizeof(text), "vCPU %u: ", id);
    abx_exit_describe(exit, text + length, sizeof(text) - (size_t)length);
    return finish(machine, ABX_END_FAILED, id, text);
}

static bool handle_system_event(abx_machine *machine, uint32_t id, const abx_exit_system_event *event)
{
    switch (event->event) {
    case ABX_SYSTEM_SHUTDOWN:
        return finish(machine, ABX_END_SHUTDOWN, id, "system event");
    case ABX_SYSTEM_RESET:
        return finish(machine, ABX_END_RESET, id, "system event");
    case ABX_SYSTEM_CRASH:
        return finish(machine, ABX_END_PANIC, id, "system event");
    case ABX_SYSTEM_TERMINATE:
        return finish(machine, ABX_END_FAULT, id, "the guest terminated itself");
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
    bool arm64 = abx_vm_get_config(machine->vm)->arch == ABX_ARCH_ARM64;
    *hypercall->result = (uint64_t)(int64_t)(arm64 ? SMCCC_NOT_SUPPORTED : KVM_ENOSYS);
    return true;
}

bool abx_machine_handle_exit(abx_machine *machine, uint32_t id, const abx_exit *exit)
{
    switch (exit->kind) {
    case ABX_EXIT_IO:
        abx_bus_port_io(&machine->ports, &exit->io);
        return true;
    case ABX_EXIT_MMIO:
        abx_bus_mmio(&machine->mmio, &exit->mmio);
        return true;
    case ABX_EXIT_INTERRUPTED:
    case ABX_EXIT_IRQ_WINDOW:
    case ABX_EXIT_IOAPIC_EOI:
    case ABX_EXIT_NMI:
    case ABX_EXIT_TPR_ACCESS:
    case ABX_EXIT_SET_TPR:
    case ABX_EXIT_BUS_LOCK:
    case ABX_EXIT_NOTIFY:
        return true;
    case ABX_EXIT_HYPERCALL:
        return refuse_hypercall(machine, &exit->hypercall);
    case ABX_EXIT_MSR_READ:
    case ABX_EXIT_MSR_WRITE:
        return refuse_msr(&exit->msr);
    case ABX_EXIT_SYSTEM_EVENT:
        return handle_system_event(machine, id, &exit->system_event);
    case ABX_EXIT_HALT: /* with interrupt controllers the kernel waits; without, nothing wakes the only vCPU */
        return finish(machine, ABX_END_HALT, id, "");
    case ABX_EXIT_SHUTDOWN:
        return finish(machine, ABX_END_FAULT, id, "triple fault");
    case ABX_EXIT_STOPPED: /* by whoever noted an end, or by somebody who has the VM in hand */
        abx_machine_note_end(machine, ABX_END_STOPPED, 0, "");
        return false;
    default:
        return fail(machine, id, exit);
    }
}
