/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exit.h"

#include <string.h>

abx_status abx_kvm_decode_failed(const struct kvm_run *run)
{
    return abx_fail(ABX_ERR_SYSTEM, 0, "This looks like a defect of the kernel.", "understand exit %u of KVM",
                    run->exit_reason);
}

static abx_system_event system_event(uint32_t type)
{
    switch (type) {
    case KVM_SYSTEM_EVENT_SHUTDOWN:
        return ABX_SYSTEM_SHUTDOWN;
    case KVM_SYSTEM_EVENT_RESET:
        return ABX_SYSTEM_RESET;
    case KVM_SYSTEM_EVENT_CRASH:
        return ABX_SYSTEM_CRASH;
    case KVM_SYSTEM_EVENT_WAKEUP:
        return ABX_SYSTEM_WAKEUP;
    case KVM_SYSTEM_EVENT_SUSPEND:
        return ABX_SYSTEM_SUSPEND;
    case KVM_SYSTEM_EVENT_SEV_TERM:
        return ABX_SYSTEM_TERMINATE;
    default:
        return ABX_SYSTEM_UNKNOWN;
    }
}

static void decode_system_event(const struct kvm_run *run, abx_exit *exit)
{
    const uint32_t room = sizeof(exit->system_event.data) / sizeof(exit->system_event.data[0]);
    exit->kind = ABX_EXIT_SYSTEM_EVENT;
    exit->system_event.event = system_event(run->system_event.type);
    exit->system_event.raw_type = run->system_event.type;
    exit->system_event.data_count = run->system_event.ndata < room ? run->system_event.ndata : room;
    for (uint32_t i = 0; i < room; i++)
        exit->system_event.data[i] = run->system_event.data[i];
}

/*
 * When the kernel could not emulate an instruction, data[0] is flags and the next two words hold its bytes: one byte of
 * length and up to 15 of code.
 */
static void decode_internal_error(const struct kvm_run *run, abx_exit *exit)
{
    abx_exit_internal_error *error = &exit->internal_error;
    const uint32_t room = sizeof(error->data) / sizeof(error->data[0]);
    exit->kind = ABX_EXIT_INTERNAL_ERROR;
    error->suberror = run->internal.suberror;
    error->data_count = run->internal.ndata < room ? run->internal.ndata : room;
    for (uint32_t i = 0; i < room; i++)
        error->data[i] = i < error->data_count ? run->internal.data[i] : 0;
    error->instruction_size = 0;
    memset(error->instruction, 0, sizeof(error->instruction));
    if (error->suberror != KVM_INTERNAL_ERROR_EMULATION || error->data_count < 3 ||
        !(run->emulation_failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES))
        return;
    uint8_t size = run->emulation_failure.insn_size;
    error->instruction_size = size < sizeof(error->instruction) ? size : (uint8_t)sizeof(error->instruction);
    memcpy(error->instruction, run->emulation_failure.insn_bytes, error->instruction_size);
}

static void decode_memory_fault(const struct kvm_run *run, abx_exit *exit)
{
    /* struct kvm_run has a member for it only in newer headers: flags, address and size, where the union begins. */
    uint64_t words[3];
    memcpy(words, &run->hw, sizeof(words));
    exit->kind = ABX_EXIT_MEMORY_FAULT;
    exit->memory_fault.flags = words[0];
    exit->memory_fault.address = words[1];
    exit->memory_fault.length = words[2];
}

abx_status abx_kvm_decode_rare(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    const struct kvm_run *run = vcpu->run;
    exit->reason = run->exit_reason;
    switch (run->exit_reason) {
    case KVM_EXIT_HLT:
        exit->kind = ABX_EXIT_HALT;
        break;
    case KVM_EXIT_IRQ_WINDOW_OPEN:
        exit->kind = ABX_EXIT_IRQ_WINDOW;
        break;
    case KVM_EXIT_SHUTDOWN:
        exit->kind = ABX_EXIT_SHUTDOWN;
        break;
    case KVM_EXIT_SYSTEM_EVENT:
        decode_system_event(run, exit);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        exit->kind = ABX_EXIT_FAIL_ENTRY;
        exit->fail_entry.hardware_reason = run->fail_entry.hardware_entry_failure_reason;
        exit->fail_entry.cpu = run->fail_entry.cpu;
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        decode_internal_error(run, exit);
        break;
    case KVM_EXIT_INTR:
        exit->kind = ABX_EXIT_INTERRUPTED;
        break;
    case KVM_EXIT_EXCEPTION:
        exit->kind = ABX_EXIT_EXCEPTION;
        exit->exception.vector = run->ex.exception;
        exit->exception.error_code = run->ex.error_code;
        break;
    case KVM_EXIT_NMI:
        exit->kind = ABX_EXIT_NMI;
        break;
    case KVM_EXIT_DIRTY_RING_FULL:
        exit->kind = ABX_EXIT_DIRTY_RING_FULL;
        break;
    case KVM_EXIT_NOTIFY:
        exit->kind = ABX_EXIT_NOTIFY;
        exit->notify_flags = run->notify.flags;
        break;
    case KVM_EXIT_MEMORY_FAULT:
        decode_memory_fault(run, exit);
        break;
    default:
        return abx_kvm_arch_decode(vcpu, exit);
    }
    return ABX_OK;
}
