/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a backend is: one constant table of functions. An absent function is an absent capability: the core answers
 * ABX_ERR_NOT_SUPPORTED for it and takes the bits that depend on it out of the report. A program can bring its own:
 * abx_hypervisor_options.backends. Only authors of backends need this header.
 *
 * The core does for every backend: argument and state checks, thread checks, configuration defaults and validation, RAM
 * layout and mappings, slot numbers, dirty bits of host writes, the event queue, the waiting of paused vCPUs. A backend
 * gets arguments that are valid and calls in a legal order. It reports failures with abx_fail() and touches
 * outputs only on success.
 */
#ifndef ARCBOX_BACKEND_H
#define ARCBOX_BACKEND_H

#include <arcbox/arm64.h>
#include <arcbox/debug.h>
#include <arcbox/event.h>
#include <arcbox/hypervisor.h>
#include <arcbox/interrupt.h>
#include <arcbox/memory.h>
#include <arcbox/registers.h>
#include <arcbox/rosetta.h>
#include <arcbox/statistics.h>
#include <arcbox/vcpu.h>
#include <arcbox/vm.h>
#include <arcbox/vsock.h>
#include <arcbox/x86_64.h>

ABX_BEGIN_DECLS

/* Where validate functions put faults. */
typedef struct abx_config_report abx_config_report;

/* A region as a backend maps it: the memory is the core's. */
typedef struct abx_slot {
    uint32_t index; /* 0 to max_slots - 1, free until now */
    uint32_t flags; /* ABX_MEMORY_… */
    abx_gpa gpa;
    uint64_t length;
    void *host;
} abx_slot;

/* x86_64 only. Each absent function is ABX_ERR_NOT_SUPPORTED. Meanings: x86_64.h. */
typedef struct abx_backend_x86_64 {
    abx_status (*get_fpu)(void *vcpu, abx_x86_fpu *fpu);
    abx_status (*set_fpu)(void *vcpu, const abx_x86_fpu *fpu);
    abx_status (*get_xsave)(void *vcpu, void *buffer, size_t capacity, size_t *size);
    abx_status (*set_xsave)(void *vcpu, const void *buffer, size_t size);
    abx_status (*get_lapic)(void *vcpu, abx_x86_lapic *lapic);
    abx_status (*set_lapic)(void *vcpu, const abx_x86_lapic *lapic);
    abx_status (*get_events)(void *vcpu, abx_x86_events *events);
    abx_status (*set_events)(void *vcpu, const abx_x86_events *events);
    abx_status (*supported_cpuid)(const void *hypervisor, abx_x86_cpuid *entries, size_t capacity, size_t *count);
    abx_status (*set_cpuid)(void *vcpu, const abx_x86_cpuid *entries, size_t count);
    abx_status (*get_cpuid)(void *vcpu, abx_x86_cpuid *entries, size_t capacity, size_t *count);
    abx_status (*msr_list)(const void *hypervisor, uint32_t *indices, size_t capacity, size_t *count);
    abx_status (*get_tsc_khz)(void *vcpu, uint32_t *khz);
    abx_status (*set_tsc_khz)(void *vcpu, uint32_t khz);
    abx_status (*get_clock)(void *vm, uint64_t *nanoseconds);
    abx_status (*set_clock)(void *vm, uint64_t nanoseconds);
    abx_status (*trap_msrs)(void *vm, uint32_t first, uint32_t count, bool reads, bool writes);
} abx_backend_x86_64;

/* ARM64 only, likewise. Meanings: arm64.h. */
typedef struct abx_backend_arm64 {
    abx_status (*get_gic)(const void *vm, abx_arm64_gic *gic);
    abx_status (*set_ppi)(void *vm, uint32_t id, uint32_t ppi, bool level);
    abx_status (*save_gic)(void *vm, void *buffer, size_t capacity, size_t *size);
    abx_status (*restore_gic)(void *vm, const void *buffer, size_t size);
    abx_status (*get_events)(void *vcpu, abx_arm64_events *events);
    abx_status (*set_events)(void *vcpu, const abx_arm64_events *events);
    abx_status (*sysreg_list)(void *vcpu, abx_reg *names, size_t capacity, size_t *count);
    abx_status (*reset)(void *vcpu);
    abx_status (*set_irq)(void *vcpu, bool irq, bool fiq);
    abx_status (*get_timer)(void *vcpu, abx_arm64_timer *timer);
    abx_status (*unmask_timer)(void *vcpu);
} abx_backend_arm64;

/*
 * The table. `hypervisor`, `vm` and `vcpu` are the backend's own objects, made by its create functions. Required of
 * all: open, close, vm_create, vm_destroy. Required of managed backends: vm_start, vm_stop. Required of manual ones:
 * vcpu_create, vcpu_destroy, vcpu_run, vcpu_kick, vcpu_clear_kick.
 */
typedef struct abx_backend {
    size_t size;             /* sizeof(abx_backend) */
    const char *name;        /* lower case, unique, static */
    const char *description; /* a few words, static */
    bool managed;

    /* Opens the backend and fills in `caps` (zeroed, size set): numbers, archs, detail and the bits that probing
     * decides. Any thread. */
    abx_status (*open)(void **hypervisor, const abx_hypervisor_options *options, abx_capabilities *caps);
    void (*close)(void *hypervisor);

    /* What the configuration has that this backend cannot do, devices included; adds faults with
     * abx_config_add_fault(). It may have other faults. May be absent. */
    void (*validate)(const void *hypervisor, const abx_vm_config *config, abx_config_report *report);

    /* `config` is complete and validated and stays valid as long as `vm`, which is the core's handle, for events. */
    abx_status (*vm_create)(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm);
    /* Manual: once, after the first regions are mapped and before the first vCPU, line, route or doorbell: creates
     * interrupt controllers. May be absent. */
    abx_status (*vm_seal)(void *vm);
    /* Managed: blocking, each ends in that state or fails. Manual backends may leave out all four: the core holds the
     * vCPUs. vm_start and vm_stop of a manual backend are called outside any run. */
    abx_status (*vm_start)(void *vm);
    abx_status (*vm_pause)(void *vm);
    abx_status (*vm_resume)(void *vm);
    abx_status (*vm_stop)(void *vm);
    /* After all vCPUs are destroyed and all slots unmapped by destruction of the VM: the core unmaps host memory
     * afterwards. */
    void (*vm_destroy)(void *vm);

    /* Managed, all optional, with the meanings of vm.h, balloon.h, vsock.h and rosetta.h. The core checks state and
     * devices first and holds the life of the VM still meanwhile, but for vm_get_machine_id, vm_get_cpu_time, the vsock
     * functions and rosetta_install: those are called without a lock, and the VM may go to any state while they wait.
     */
    abx_status (*vm_request_stop)(void *vm);
    abx_status (*vm_save)(void *vm, const char *path);
    abx_status (*vm_restore)(void *vm, const char *path);
    abx_status (*vm_get_machine_id)(const void *vm, void *buffer, size_t capacity, size_t *size);
    abx_status (*vm_get_cpu_time)(void *vm, uint64_t *nanoseconds);
    abx_status (*balloon_set_target)(void *vm, uint64_t bytes);
    abx_status (*balloon_get_target)(void *vm, uint64_t *bytes);
    abx_status (*vsock_connect)(void *vm, uint32_t port, int timeout_ms, int *fd);
    /* One listener per port. Connections go to abx_backend_vsock_arrived() from now on, until vsock_unlisten() has
     * returned, which comes before vm_destroy(), perhaps after vm_stop(). */
    abx_status (*vsock_listen)(void **out, void *vm, uint32_t port, abx_vsock_listener *listener);
    void (*vsock_unlisten)(void *listening);
    abx_status (*rosetta_availability)(void *hypervisor, abx_rosetta_availability *availability);
    abx_status (*rosetta_install)(void *hypervisor);

    /* Manual, with the meanings of statistics.h. */
    abx_status (*vm_get_statistics)(void *vm, abx_statistic_visitor visitor, void *payload);
    abx_status (*vcpu_share_statistics)(void *vcpu);

    abx_status (*memory_map)(void *vm, const abx_slot *slot);
    /* The slot's index, gpa and length tell which. */
    abx_status (*memory_unmap)(void *vm, const abx_slot *slot);
    /* Sets the slot's flags to slot->flags. */
    abx_status (*memory_set_flags)(void *vm, const abx_slot *slot);
    /* ORs written pages into `bitmap` (pages / 64 words, rounded up), without clearing. */
    abx_status (*memory_get_dirty)(void *vm, const abx_slot *slot, uint64_t *bitmap);
    abx_status (*memory_clear_dirty)(void *vm, const abx_slot *slot, const uint64_t *bitmap);
    /* Puts fresh zero pages in place of those of anonymous memory, `offset` and `length` in whole pages: for hosts
     * where the process cannot give back what the guest has mapped. May be absent. Any thread, also while vCPUs run and
     * the slot is being unmapped. */
    abx_status (*memory_discard)(void *vm, const abx_slot *slot, uint64_t offset, uint64_t length);

    abx_status (*irq_set_line)(void *vm, uint32_t gsi, bool level);
    abx_status (*irq_send_msi)(void *vm, const abx_msi *msi);
    abx_status (*irq_set_routes)(void *vm, const abx_route *routes, size_t count);
    abx_status (*irqfd_attach)(void *vm, int fd, uint32_t gsi, int resample_fd);
    abx_status (*irqfd_detach)(void *vm, int fd, uint32_t gsi);
    abx_status (*ioeventfd_attach)(void *vm, const abx_ioeventfd *doorbell);
    abx_status (*ioeventfd_detach)(void *vm, const abx_ioeventfd *doorbell);

    abx_status (*vcpu_create)(void **out, void *vm, uint32_t id);
    void (*vcpu_destroy)(void *vcpu);
    /* Enters the guest. A kick, and a signal that is not one, ends it: then exit->kind is ABX_EXIT_INTERRUPTED (the
     * core decides which it was). */
    abx_status (*vcpu_run)(void *vcpu, abx_exit *exit);
    /* Makes the current or else the next vcpu_run() return ABX_EXIT_INTERRUPTED. Any thread, and signal handlers where
     * the system below allows. */
    void (*vcpu_kick)(void *vcpu);
    /* Called on the owning thread between runs: forgets kicks that have not yet been seen. */
    void (*vcpu_clear_kick)(void *vcpu);
    /* ABX_ERR_BUSY, without abx_fail(): the instruction makes another access, and the next vcpu_run() gives that exit
     * without entering the guest. */
    abx_status (*vcpu_complete_io)(void *vcpu);
    abx_status (*vcpu_read_registers)(void *vcpu, const abx_reg *names, uint64_t *values, size_t count);
    abx_status (*vcpu_write_registers)(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
    abx_status (*vcpu_get_mp_state)(void *vcpu, abx_mp_state *state);
    /* On ARM64 without ABX_CAP_PSCI this switches vCPUs on: those other than 0 are STOPPED when they are created or
     * reset, until the VMM makes them RUNNABLE. */
    abx_status (*vcpu_set_mp_state)(void *vcpu, abx_mp_state state);
    abx_status (*vcpu_save_state)(void *vcpu, void *buffer, size_t capacity, size_t *size);
    abx_status (*vcpu_restore_state)(void *vcpu, const void *buffer, size_t size);
    abx_status (*vcpu_inject_vector)(void *vcpu, uint32_t vector);
    bool (*vcpu_interrupt_ready)(const void *vcpu);
    abx_status (*vcpu_request_irq_window)(void *vcpu, bool on);
    abx_status (*vcpu_inject_nmi)(void *vcpu);
    abx_status (*vcpu_set_debug)(void *vcpu, const abx_debug_config *config);

    const abx_backend_x86_64 *x86_64; /* NULL where the guest is never x86_64 */
    const abx_backend_arm64 *arm64;   /* NULL where the guest is never ARM64 */
} abx_backend;

/* For validate functions: adds a fault. */
ABX_API void abx_config_add_fault(abx_config_report *report, const char *field, const char *message, ...)
    ABX_PRINTF(3, 4);

/* For managed backends: the VM went to `state` (STOPPED or FAILED) by itself. `text` says why and may be NULL. Any
 * thread. */
ABX_API void abx_backend_vm_ended(abx_vm *vm, abx_vm_state state, const char *text);

/*
 * For managed backends: the guest paused by itself (PAUSED) or went on (RUNNING). `text` says why and may be NULL. What
 * the VM is already, and what comes before the start or after the end, is no news, so that a backend need not know
 * which of its changes were asked for: it reports all of them in their order, those of a call before that returns. Any
 * thread; never waits for a call.
 */
ABX_API void abx_backend_vm_changed(abx_vm *vm, abx_vm_state state, const char *text);

/*
 * For backends with vsock: the guest connected to the listener's port from its own `peer_port`. Takes `fd`, a stream
 * socket, in any case: it is closed on failure. Never blocks. Any thread. Errors: ABX_ERR_LIMIT (too many wait, or the
 * VM has ended: refuse the connection), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_backend_vsock_arrived(abx_vsock_listener *listener, int fd, uint32_t peer_port);

ABX_END_DECLS

#endif
