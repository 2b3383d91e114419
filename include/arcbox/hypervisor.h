/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The entry to a backend: find one, open it, ask what it can do. */
#ifndef ARCBOX_HYPERVISOR_H
#define ARCBOX_HYPERVISOR_H

#include <arcbox/base.h>
#include <arcbox/capability.h>
#include <arcbox/error.h>

ABX_BEGIN_DECLS

typedef struct abx_hypervisor abx_hypervisor;
struct abx_backend;

/* How to open. Zero or NULL in a field means its default. */
typedef struct abx_hypervisor_options {
    size_t size;         /* set by ABX_HYPERVISOR_OPTIONS_INIT */
    abx_arch guest_arch; /* what the guests will be; "auto" takes it into account */
    const struct abx_backend *const
        *backends; /* the caller's own backends, asked before the built-in ones; must outlive the hypervisor */
    size_t backend_count;
    const char *kvm_device;  /* kvm: default "/dev/kvm" */
    int kick_signal;         /* kvm: the signal that ends KVM_RUN; default SIGRTMAX. See abx_vcpu_kick() */
    const char *qemu_binary; /* qemu: name or path; default qemu-system-x86_64 or qemu-system-aarch64 from PATH */
    const char *qemu_accel;  /* qemu: "tcg" (default), "kvm" or "hvf" */
} abx_hypervisor_options;

#define ABX_HYPERVISOR_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        .size = sizeof(abx_hypervisor_options)                                                                         \
    }

/* What abx_hypervisor_list() says of one backend. Strings end in a zero and may be cut. */
typedef struct abx_backend_report {
    const char *name;              /* static storage */
    const char *description;       /* static storage */
    bool usable;                   /* it can be opened now */
    bool managed;                  /* without vCPUs in the caller's hands */
    bool chosen;                   /* "auto" takes this one */
    abx_status status;             /* ABX_OK, or what opening returned */
    char reason[256];              /* why it is usable or not, why it was chosen or not */
    char advice[256];              /* what to do about it, or "" */
    abx_capabilities capabilities; /* valid when usable */
} abx_backend_report;

/*
 * Opens backend `name`. NULL or "auto" takes the first backend with hardware virtualization behind it that can run
 * `guest_arch`, else qemu. `options` may be NULL. On success `*out` belongs to the caller: abx_hypervisor_close(). Any
 * thread. Errors: ABX_ERR_INVALID (out is NULL, options of an unknown size), ABX_ERR_NOT_FOUND (no such backend or
 * device, QEMU is not installed), ABX_ERR_PERMISSION, ABX_ERR_NOT_SUPPORTED (too old kernel or QEMU, foreign
 * architecture), ABX_ERR_BUSY, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_hypervisor_open(abx_hypervisor **out, const char *name,
                                       const abx_hypervisor_options *options) ABX_MUST_CHECK;

/* Gives the caller's reference back. VMs keep their hypervisor open until they are gone. NULL is allowed. Any thread.
 */
ABX_API void abx_hypervisor_close(abx_hypervisor *hypervisor);

/* The backend's name; valid as long as the hypervisor. */
ABX_API const char *abx_hypervisor_backend(const abx_hypervisor *hypervisor);

/* The guest architecture it was opened for, never ABX_ARCH_HOST but for NULL: that of a VM whose configuration names
 * none. */
ABX_API abx_arch abx_hypervisor_guest_arch(const abx_hypervisor *hypervisor);

/* What this backend can do here; constant, valid as long as the hypervisor. */
ABX_API const abx_capabilities *abx_hypervisor_capabilities(const abx_hypervisor *hypervisor);

/* Same as abx_capabilities_has() on its capabilities. */
ABX_API bool abx_hypervisor_has(const abx_hypervisor *hypervisor, abx_cap cap);

/*
 * Reports on every backend, the caller's own first, in the order "auto" tries them. `reports` has room for `capacity`;
 * `*count` gets the number of backends, which may be larger. `options` may be NULL; `reports` may be NULL when
 * `capacity` is 0. Opens and closes each backend. Any thread. Errors: ABX_ERR_INVALID.
 */
ABX_API abx_status abx_hypervisor_list(const abx_hypervisor_options *options, abx_backend_report *reports,
                                       size_t capacity, size_t *count) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
