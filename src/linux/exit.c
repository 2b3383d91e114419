/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exits as the library tells them. The structures of the kernel: struct kvm_run in Documentation/virt/kvm/api.rst, 5.
 */
#include "kvm_backend.h"

#include <string.h>

static abx_status malformed(const char *what)
{
    return abx_fail(ABX_ERR_SYSTEM, 0, "This looks like a defect of the kernel.", "understand %s exit of KVM", what);
}

static abx_status decode_io(struct kvm_run *run, size_t size, abx_exit *exit)
{
    uint64_t offset = run->io.data_offset;
    uint64_t length = (uint64_t)run->io.size * run->io.count;
    if (length == 0 || offset > size || length > size - offset)
        return malformed("an I/O");
    exit->kind = ABX_EXIT_IO;
    exit->reason = KVM_EXIT_IO;
    exit->io.port = run->io.port;
    exit->io.size = run->io.size;
    exit->io.direction = run->io.direction;
    exit->io.count = run->io.count;
    exit->io.data = (uint8_t *)run + offset;
    return ABX_OK;
}

static abx_status decode_mmio(struct kvm_run *run, abx_exit *exit)
{
    if (run->mmio.len == 0 || run->mmio.len > sizeof(run->mmio.data))
        return malformed("an MMIO");
    exit->kind = ABX_EXIT_MMIO;
    exit->reason = KVM_EXIT_MMIO;
    exit->mmio.address = run->mmio.phys_addr;
    exit->mmio.size = (uint8_t)run->mmio.len;
    exit->mmio.direction = run->mmio.is_write ? ABX_WRITE : ABX_READ;
    exit->mmio.data = run->mmio.data;
    return ABX_OK;
}

static void decode_hypercall(struct kvm_run *run, abx_exit *exit)
{
    exit->kind = ABX_EXIT_HYPERCALL;
    exit->hypercall.number = run->hypercall.nr;
    for (size_t i = 0; i < sizeof(run->hypercall.args) / sizeof(run->hypercall.args[0]); i++)
        exit->hypercall.arguments[i] = run->hypercall.args[i];
    exit->hypercall.result = (void *)&run->hypercall.ret;
    exit->hypercall.flags = run->hypercall.longmode; /* low half of what newer headers call flags */
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

/* Everything but what a VMM meets all the time. */
static void decode_rare(struct kvm_run *run, abx_exit *exit)
{
    exit->reason = run->exit_reason;
    switch (run->exit_reason) {
    case KVM_EXIT_HLT:
        exit->kind = ABX_EXIT_HALT;
        break;
    case KVM_EXIT_HYPERCALL:
        decode_hypercall(run, exit);
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
        if (!abx_kvm_arch_decode(run, exit))
            exit->kind = ABX_EXIT_UNKNOWN;
    }
}

abx_status abx_kvm_decode(struct kvm_run *run, size_t size, abx_exit *exit)
{
    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        return decode_io(run, size, exit);
    case KVM_EXIT_MMIO:
        return decode_mmio(run, exit);
    default:
        decode_rare(run, exit);
        return ABX_OK;
    }
}
