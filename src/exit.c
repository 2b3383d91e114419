/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/exit.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char kind_names[][20] = {
    [ABX_EXIT_UNKNOWN] = "unknown",
    [ABX_EXIT_IO] = "io",
    [ABX_EXIT_MMIO] = "mmio",
    [ABX_EXIT_HALT] = "halt",
    [ABX_EXIT_HYPERCALL] = "hypercall",
    [ABX_EXIT_SHUTDOWN] = "shutdown",
    [ABX_EXIT_SYSTEM_EVENT] = "system-event",
    [ABX_EXIT_DEBUG] = "debug",
    [ABX_EXIT_MSR_READ] = "msr-read",
    [ABX_EXIT_MSR_WRITE] = "msr-write",
    [ABX_EXIT_IRQ_WINDOW] = "irq-window",
    [ABX_EXIT_IOAPIC_EOI] = "ioapic-eoi",
    [ABX_EXIT_DIRTY_RING_FULL] = "dirty-ring-full",
    [ABX_EXIT_FAIL_ENTRY] = "fail-entry",
    [ABX_EXIT_INTERNAL_ERROR] = "internal-error",
    [ABX_EXIT_INTERRUPTED] = "interrupted",
    [ABX_EXIT_STOPPED] = "stopped",
    [ABX_EXIT_EXCEPTION] = "exception",
    [ABX_EXIT_NMI] = "nmi",
    [ABX_EXIT_TPR_ACCESS] = "tpr-access",
    [ABX_EXIT_SET_TPR] = "set-tpr",
    [ABX_EXIT_BUS_LOCK] = "bus-lock",
    [ABX_EXIT_NOTIFY] = "notify",
    [ABX_EXIT_MEMORY_FAULT] = "memory-fault",
    [ABX_EXIT_SYSREG] = "sysreg",
    [ABX_EXIT_DATA_ABORT] = "data-abort",
    [ABX_EXIT_TIMER] = "timer",
};

const char *abx_exit_kind_name(abx_exit_kind kind)
{
    size_t count = sizeof(kind_names) / sizeof(kind_names[0]);
    return (size_t)kind < count ? kind_names[kind] : "unknown";
}

/* A line that grows as snprintf would: `length` counts what did not fit as well. */
typedef struct line {
    char *buffer;
    size_t size;
    size_t length;
} line;

__attribute__((format(printf, 2, 3))) static void add(line *to, const char *format, ...)
{
    size_t room = to->length < to->size ? to->size - to->length : 0;
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(room ? to->buffer + to->length : NULL, room, format, arguments);
    va_end(arguments);
    if (wrote > 0)
        to->length += (size_t)wrote;
}

static const char *direction_name(uint8_t direction)
{
    return direction == ABX_WRITE ? "write" : "read";
}

/* Up to 16 bytes, first byte first. */
static void add_bytes(line *to, const void *data, size_t count)
{
    const uint8_t *bytes = data;
    if (!bytes || !count)
        return;
    add(to, ":");
    for (size_t i = 0; i < count && i < 16; i++)
        add(to, " %02x", bytes[i]);
    if (count > 16)
        add(to, " ...");
}

static void add_words(line *to, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(to, "%s0x%" PRIx64, i ? ", " : ": ", words[i]);
}

static size_t at_most(size_t count, size_t limit)
{
    return count < limit ? count : limit;
}

static void describe_io(line *to, const abx_exit_io *io)
{
    add(to, " %s %u", direction_name(io->direction), io->size);
    if (io->count != 1)
        add(to, " x %" PRIu32, io->count);
    add(to, " at port 0x%x", io->port);
    if (io->direction == ABX_WRITE)
        add_bytes(to, io->data, (size_t)io->size * io->count);
}

static void describe_mmio(line *to, const abx_exit_mmio *mmio)
{
    add(to, " %s %u at 0x%" PRIx64, direction_name(mmio->direction), mmio->size, mmio->address);
    if (mmio->direction == ABX_WRITE)
        add_bytes(to, mmio->data, mmio->size);
}

static void describe_system_event(line *to, const abx_exit_system_event *event)
{
    static const char *const names[] = { "unknown", "shutdown", "reset", "crash", "wakeup", "suspend", "terminate" };
    size_t known = sizeof(names) / sizeof(names[0]);
    add(to, " %s (%" PRIu32 ")", (size_t)event->event < known ? names[event->event] : "unknown", event->raw_type);
    add_words(to, event->data, at_most(event->data_count, 4));
}

static void describe_msr(line *to, const abx_exit_msr *msr, bool write)
{
    add(to, " 0x%" PRIx32 " (reason %" PRIu32 ")", msr->index, msr->reason);
    if (write && msr->data)
        add_words(to, msr->data, 1);
}

static void describe_internal_error(line *to, const abx_exit_internal_error *error)
{
    static const char *const names[] = { "unknown", "emulation", "simultaneous exception", "delivery of an event",
                                         "unexpected exit" };
    size_t known = sizeof(names) / sizeof(names[0]);
    add(to, " %" PRIu32 " (%s)", error->suberror, names[error->suberror < known ? error->suberror : 0]);
    add_words(to, error->data, at_most(error->data_count, 16));
    if (error->instruction_size) {
        add(to, "; instruction");
        add_bytes(to, error->instruction, at_most(error->instruction_size, sizeof(error->instruction)));
    }
}

static void describe_details(line *to, const abx_exit *exit)
{
    switch (exit->kind) {
    case ABX_EXIT_IO:
        describe_io(to, &exit->io);
        break;
    case ABX_EXIT_MMIO:
        describe_mmio(to, &exit->mmio);
        break;
    case ABX_EXIT_HYPERCALL:
        add(to, " %" PRIu64, exit->hypercall.number);
        add_words(to, exit->hypercall.arguments, 6);
        add(to, " (flags 0x%" PRIx64 ")", exit->hypercall.flags);
        break;
    case ABX_EXIT_SYSTEM_EVENT:
        describe_system_event(to, &exit->system_event);
        break;
    case ABX_EXIT_DEBUG:
        add(to, " exception %" PRIu32 " at 0x%" PRIx64 ", dr6 0x%" PRIx64 ", dr7 0x%" PRIx64 ", syndrome 0x%" PRIx32,
            exit->debug.exception, exit->debug.pc, exit->debug.dr6, exit->debug.dr7, exit->debug.syndrome);
        if (exit->debug.address)
            add(to, ", address 0x%" PRIx64, exit->debug.address);
        break;
    case ABX_EXIT_MSR_READ:
    case ABX_EXIT_MSR_WRITE:
        describe_msr(to, &exit->msr, exit->kind == ABX_EXIT_MSR_WRITE);
        break;
    case ABX_EXIT_FAIL_ENTRY:
        add(to, " hardware reason 0x%" PRIx64, exit->fail_entry.hardware_reason);
        if (exit->fail_entry.cpu != UINT32_MAX)
            add(to, " on CPU %" PRIu32, exit->fail_entry.cpu);
        break;
    case ABX_EXIT_INTERNAL_ERROR:
        describe_internal_error(to, &exit->internal_error);
        break;
    case ABX_EXIT_EXCEPTION:
        add(to, " %" PRIu32 ", error code 0x%" PRIx32, exit->exception.vector, exit->exception.error_code);
        break;
    case ABX_EXIT_TPR_ACCESS:
        add(to, " %s at 0x%" PRIx64, exit->tpr.is_write ? "write" : "read", exit->tpr.pc);
        break;
    case ABX_EXIT_MEMORY_FAULT:
        add(to, " at 0x%" PRIx64 ", length 0x%" PRIx64 ", flags 0x%" PRIx64, exit->memory_fault.address,
            exit->memory_fault.length, exit->memory_fault.flags);
        break;
    case ABX_EXIT_SYSREG:
        add(to, " %s 0x%" PRIx32, direction_name(exit->sysreg.direction), exit->sysreg.reg);
        break;
    case ABX_EXIT_DATA_ABORT:
        add(to, " at 0x%" PRIx64 ", syndrome 0x%" PRIx64, exit->data_abort.address, exit->data_abort.syndrome);
        break;
    case ABX_EXIT_NOTIFY:
        add(to, " flags 0x%" PRIx32, exit->notify_flags);
        break;
    case ABX_EXIT_IOAPIC_EOI:
        add(to, " vector %u", exit->eoi_vector);
        break;
    default:
        if (exit->kind == ABX_EXIT_UNKNOWN)
            add(to, " reason %" PRIu32, exit->reason);
        break;
    }
}

size_t abx_exit_describe(const abx_exit *exit, char *buffer, size_t size)
{
    line to = { .buffer = buffer, .size = size };
    if (size)
        buffer[0] = '\0';
    if (!exit)
        return 0;
    add(&to, "%s", abx_exit_kind_name(exit->kind));
    describe_details(&to, exit);
    return to.length;
}
