/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "hypervisor_internal.h"

#include <unistd.h>

/* Texts in place, here and in other large tables: pointers would have to be relocated whenever the program starts. */
static const struct {
    char name[24];
    char text[72];
} descriptions[ABX_CAP_COUNT] = {
    [ABX_CAP_HARDWARE] = { "hardware", "guests run on hardware virtualization" },
    [ABX_CAP_MANUAL] = { "manual", "vCPUs, exits, registers and memory are the caller's" },
    [ABX_CAP_GUEST_MEMORY] = { "guest-memory", "guest memory can be mapped, read and written" },
    [ABX_CAP_READ_ONLY_MEMORY] = { "read-only-memory", "regions that the guest cannot write" },
    [ABX_CAP_MEMORY_HOTPLUG] = { "memory-hotplug", "regions come and go while the guest runs" },
    [ABX_CAP_DISCARD] = { "discard", "discarded guest memory goes back to the host" },
    [ABX_CAP_DIRTY_LOG] = { "dirty-log", "log of written pages by bitmap" },
    [ABX_CAP_DIRTY_RING] = { "dirty-ring", "log of written pages by ring" },
    [ABX_CAP_IRQCHIP] = { "irqchip", "interrupt controllers in the kernel" },
    [ABX_CAP_SPLIT_IRQCHIP] = { "split-irqchip", "local interrupt controllers in the kernel, the others outside" },
    [ABX_CAP_PIT] = { "pit", "i8254 timer in the kernel" },
    [ABX_CAP_IRQ_LINES] = { "irq-lines", "interrupt lines can be raised and lowered" },
    [ABX_CAP_MSI] = { "msi", "message-signalled interrupts" },
    [ABX_CAP_IRQ_ROUTING] = { "irq-routing", "routes from lines to controllers and messages" },
    [ABX_CAP_IRQFD] = { "irqfd", "interrupts by file descriptor" },
    [ABX_CAP_IRQFD_RESAMPLE] = { "irqfd-resample", "level interrupts by file descriptor, with notice of their end" },
    [ABX_CAP_IOEVENTFD] = { "ioeventfd", "doorbells that signal a file descriptor without an exit" },
    [ABX_CAP_IOEVENTFD_ANY_LENGTH] = { "ioeventfd-any-length", "doorbells for writes of any length" },
    [ABX_CAP_VECTOR_INJECTION] = { "vector-injection", "interrupt vectors can be injected by hand" },
    [ABX_CAP_NMI] = { "nmi", "non-maskable interrupts can be injected" },
    [ABX_CAP_REGISTERS] = { "registers", "registers can be read and written" },
    [ABX_CAP_SYNC_REGISTERS] = { "sync-registers", "registers come along with exits, without a system call" },
    [ABX_CAP_VCPU_STATE] = { "vcpu-state", "the whole state of a vCPU can be saved and restored" },
    [ABX_CAP_MSR_EXITS] = { "msr-exits", "accesses to model-specific registers can come out as exits" },
    [ABX_CAP_HYPERCALL_EXITS] = { "hypercall-exits", "hypercalls can come out as exits" },
    [ABX_CAP_SINGLE_STEP] = { "single-step", "guests can be stepped through" },
    [ABX_CAP_HW_BREAKPOINTS] = { "hw-breakpoints", "hardware breakpoints and watchpoints" },
    [ABX_CAP_IMMEDIATE_EXIT] = { "immediate-exit", "a kick before entry costs no entry" },
    [ABX_CAP_PAUSE] = { "pause", "a running guest can be paused and resumed" },
    [ABX_CAP_GUEST_CLOCK] = { "guest-clock", "the paravirtual clock can be read and set" },
    [ABX_CAP_TSC_CONTROL] = { "tsc-control", "the guest's TSC frequency can be set" },
    [ABX_CAP_NESTED] = { "nested", "guests can have hardware virtualization of their own" },
    [ABX_CAP_FOREIGN_ARCH] = { "foreign-arch", "guests of another architecture than the host's" },
    [ABX_CAP_BINARY_STATS] = { "binary-stats", "the kernel's binary statistics" },
    [ABX_CAP_COALESCED_IO] = { "coalesced-io", "writes gathered without exits" },
    [ABX_CAP_SYSTEM_EVENT] = { "system-event", "guest resets, shutdowns and crashes come as system events" },
    [ABX_CAP_PMU] = { "pmu", "ARM64 guests can be given performance monitors" },
    [ABX_CAP_SVE] = { "sve", "ARM64 guests can be given scalable vectors" },
    [ABX_CAP_POINTER_AUTH] = { "pointer-auth", "ARM64 guests can be given pointer authentication" },
    [ABX_CAP_PSCI] = { "psci", "ARM64 vCPUs are switched on and off in the kernel" },
    [ABX_CAP_REQUEST_STOP] = { "request-stop", "a guest can be asked to switch off" },
    [ABX_CAP_SAVE] = { "save", "a whole machine can be saved to a file and restored" },
    [ABX_CAP_BALLOON] = { "balloon", "a guest can be asked for memory back" },
    [ABX_CAP_VSOCK] = { "vsock", "sockets between guest and host" },
    [ABX_CAP_FS_SHARE] = { "fs-share", "folders can be shared with guests" },
    [ABX_CAP_ROSETTA] = { "rosetta", "ARM64 guests can run x86_64 programs" },
    [ABX_CAP_EFI] = { "efi", "guests can boot by EFI" },
    [ABX_CAP_IRQ_INPUTS] = { "irq-inputs", "a controller outside the kernel can interrupt ARM64 vCPUs" },
};

/* Which functions a capability stands on. */
typedef struct support {
    abx_cap cap;
    size_t offset;
} support;

#define BY(cap, function)                                                                                              \
    {                                                                                                                  \
        cap, offsetof(abx_backend, function)                                                                           \
    }
#define BY_X86(cap, function)                                                                                          \
    {                                                                                                                  \
        cap, offsetof(abx_backend_x86_64, function)                                                                    \
    }

#define BY_ARM64(cap, function)                                                                                        \
    {                                                                                                                  \
        cap, offsetof(abx_backend_arm64, function)                                                                     \
    }

static const support supports[] = {
    BY(ABX_CAP_GUEST_MEMORY, memory_map),
    BY(ABX_CAP_GUEST_MEMORY, memory_unmap),
    BY(ABX_CAP_READ_ONLY_MEMORY, memory_map),
    BY(ABX_CAP_MEMORY_HOTPLUG, memory_map),
    BY(ABX_CAP_MEMORY_HOTPLUG, memory_unmap),
    BY(ABX_CAP_DISCARD, memory_map),
    BY(ABX_CAP_DIRTY_LOG, memory_set_flags),
    BY(ABX_CAP_DIRTY_LOG, memory_get_dirty),
    BY(ABX_CAP_DIRTY_LOG, memory_clear_dirty),
    BY(ABX_CAP_DIRTY_RING, vcpu_run),
    BY(ABX_CAP_IRQCHIP, vm_seal),
    BY(ABX_CAP_SPLIT_IRQCHIP, vm_seal),
    BY(ABX_CAP_PIT, vm_seal),
    BY(ABX_CAP_IRQ_LINES, irq_set_line),
    BY(ABX_CAP_MSI, irq_send_msi),
    BY(ABX_CAP_IRQ_ROUTING, irq_set_routes),
    BY(ABX_CAP_IRQFD, irqfd_attach),
    BY(ABX_CAP_IRQFD, irqfd_detach),
    BY(ABX_CAP_IRQFD_RESAMPLE, irqfd_attach),
    BY(ABX_CAP_IOEVENTFD, ioeventfd_attach),
    BY(ABX_CAP_IOEVENTFD, ioeventfd_detach),
    BY(ABX_CAP_IOEVENTFD_ANY_LENGTH, ioeventfd_attach),
    BY(ABX_CAP_VECTOR_INJECTION, vcpu_inject_vector),
    BY(ABX_CAP_VECTOR_INJECTION, vcpu_interrupt_ready),
    BY(ABX_CAP_NMI, vcpu_inject_nmi),
    BY(ABX_CAP_REGISTERS, vcpu_read_registers),
    BY(ABX_CAP_REGISTERS, vcpu_write_registers),
    BY(ABX_CAP_SYNC_REGISTERS, vcpu_read_registers),
    BY(ABX_CAP_VCPU_STATE, vcpu_save_state),
    BY(ABX_CAP_VCPU_STATE, vcpu_restore_state),
    BY(ABX_CAP_MSR_EXITS, vcpu_run),
    BY(ABX_CAP_HYPERCALL_EXITS, vcpu_run),
    BY(ABX_CAP_SINGLE_STEP, vcpu_set_debug),
    BY(ABX_CAP_HW_BREAKPOINTS, vcpu_set_debug),
    BY(ABX_CAP_IMMEDIATE_EXIT, vcpu_run),
    BY(ABX_CAP_BINARY_STATS, vm_get_statistics),
    BY(ABX_CAP_BINARY_STATS, vcpu_share_statistics),
    BY(ABX_CAP_COALESCED_IO, vcpu_run),
    BY(ABX_CAP_PSCI, vcpu_run),
    BY(ABX_CAP_REQUEST_STOP, vm_request_stop),
    BY(ABX_CAP_SAVE, vm_save),
    BY(ABX_CAP_SAVE, vm_restore),
    BY(ABX_CAP_BALLOON, balloon_set_target),
    BY(ABX_CAP_BALLOON, balloon_get_target),
    BY(ABX_CAP_VSOCK, vsock_connect),
    BY(ABX_CAP_VSOCK, vsock_listen),
    BY(ABX_CAP_VSOCK, vsock_unlisten),
    BY(ABX_CAP_ROSETTA, rosetta_availability),
    BY(ABX_CAP_ROSETTA, rosetta_install),
};

static const support x86_64_supports[] = {
    BY_X86(ABX_CAP_GUEST_CLOCK, get_clock),
    BY_X86(ABX_CAP_GUEST_CLOCK, set_clock),
    BY_X86(ABX_CAP_TSC_CONTROL, get_tsc_khz),
    BY_X86(ABX_CAP_TSC_CONTROL, set_tsc_khz),
};

static const support arm64_supports[] = {
    BY_ARM64(ABX_CAP_IRQ_INPUTS, set_irq),
    BY_ARM64(ABX_CAP_IRQ_INPUTS, get_timer),
    BY_ARM64(ABX_CAP_IRQ_INPUTS, unmask_timer),
};

static void set(abx_capabilities *caps, abx_cap cap, bool on)
{
    uint64_t bit = UINT64_C(1) << ((unsigned)cap % 64);
    if (on)
        caps->bits[(unsigned)cap / 64] |= bit;
    else
        caps->bits[(unsigned)cap / 64] &= ~bit;
}

static void clear_unsupported(abx_capabilities *caps, const void *table, const support *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!table || !abx_table_has(table, list[i].offset))
            set(caps, list[i].cap, false);
    }
}

void abx_capabilities_settle(abx_capabilities *caps, const abx_backend *backend)
{
    uint32_t own = 1u << abx_host_arch();

    caps->size = sizeof(*caps);
    set(caps, ABX_CAP_MANUAL, !backend->managed);
    set(caps, ABX_CAP_PAUSE, !backend->managed || (backend->vm_pause && backend->vm_resume));
    set(caps, ABX_CAP_GUEST_MEMORY, !backend->managed && caps->max_slots > 0);
    set(caps, ABX_CAP_IRQ_INPUTS, !backend->managed && caps->guest_archs & (1u << ABX_ARCH_ARM64));
    if (!backend->managed) {
        set(caps, ABX_CAP_FS_SHARE, false);
        set(caps, ABX_CAP_EFI, false);
    }
    set(caps, ABX_CAP_FOREIGN_ARCH, (caps->guest_archs & ~own) != 0);
    clear_unsupported(caps, backend, supports, sizeof(supports) / sizeof(supports[0]));
    clear_unsupported(caps, backend->x86_64, x86_64_supports, sizeof(x86_64_supports) / sizeof(x86_64_supports[0]));
    clear_unsupported(caps, backend->arm64, arm64_supports, sizeof(arm64_supports) / sizeof(arm64_supports[0]));

    if (!abx_capabilities_has(caps, ABX_CAP_GUEST_MEMORY))
        caps->max_slots = 0;
    if (!abx_capabilities_has(caps, ABX_CAP_HW_BREAKPOINTS))
        caps->breakpoints = 0;
    if (!caps->page_size)
        caps->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
    caps->host_hypervisor[sizeof(caps->host_hypervisor) - 1] = '\0';
    caps->detail[sizeof(caps->detail) - 1] = '\0';
}

bool abx_capabilities_has(const abx_capabilities *caps, abx_cap cap)
{
    if (!caps || (unsigned)cap >= ABX_CAP_COUNT)
        return false;
    return (caps->bits[(unsigned)cap / 64] >> ((unsigned)cap % 64)) & 1;
}

const char *abx_cap_name(abx_cap cap)
{
    return (unsigned)cap < ABX_CAP_COUNT ? descriptions[cap].name : NULL;
}

const char *abx_cap_text(abx_cap cap)
{
    return (unsigned)cap < ABX_CAP_COUNT ? descriptions[cap].text : NULL;
}
