/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a VM shall be: a plain structure, a builder with the same fields, and validation that names every fault at once.
 */
#ifndef ARCBOX_CONFIG_H
#define ARCBOX_CONFIG_H

#include <arcbox/base.h>
#include <arcbox/device.h>
#include <arcbox/error.h>
#include <arcbox/hypervisor.h>

ABX_BEGIN_DECLS

/* Where a memory region's pages come from. All kinds are populated on demand, never ahead. */
typedef enum abx_backing {
    ABX_BACKING_ANONYMOUS = 0, /* zero pages, private */
    ABX_BACKING_MEMFD,         /* zero pages in a memory file of the library's, shareable with other processes */
    ABX_BACKING_FILE_SHARED,   /* a file of the caller's; guest writes go to it */
    ABX_BACKING_FILE_PRIVATE,  /* a file of the caller's; guest writes stay in this VM (copy on write) */
    ABX_BACKING_HOST,          /* memory of the caller's; it stays the caller's and must outlive the region */
} abx_backing;

typedef enum abx_huge_pages {
    ABX_HUGE_NONE = 0,    /* base pages; what the host does by itself, it does */
    ABX_HUGE_TRANSPARENT, /* ask for transparent huge pages */
    ABX_HUGE_2M,          /* from the host's pool of 2 MiB pages (anonymous and memfd) */
    ABX_HUGE_1G,          /* from the host's pool of 1 GiB pages */
    ABX_HUGE_NEVER,       /* base pages only, whatever the host does by itself: the least memory for small guests */
} abx_huge_pages;

/* Who emulates the interrupt controllers. */
typedef enum abx_irqchip {
    ABX_IRQCHIP_DEFAULT = 0, /* in the kernel where the backend has it, else none */
    ABX_IRQCHIP_NONE,        /* nobody: the caller injects vectors or sets inputs, halts come out as exits */
    ABX_IRQCHIP_KERNEL,      /* all of them in the kernel */
    ABX_IRQCHIP_SPLIT,       /* local controllers in the kernel, I/O controllers in the VMM */
} abx_irqchip;

/* Boot for managed backends, which take it in the configuration. Paths; NULL where there is none. Manual backends
 * refuse it: boot is the VMM's. */
typedef struct abx_boot_config {
    const char *kernel;
    const char *initrd;
    const char *cmdline;
    const char *efi_variables; /* boot by EFI, with the variables in this file, which is made if it is not there; the
                                  kernel comes from a disk, and the others must be NULL */
} abx_boot_config;

/*
 * A VM's configuration. Start from ABX_VM_CONFIG_INIT: zero and NULL stand for the defaults. The structure and what it
 * points to are the caller's and are copied by abx_vm_create().
 */
typedef struct abx_vm_config {
    size_t size;                /* set by ABX_VM_CONFIG_INIT */
    const char *name;           /* for events and reports: 1 to 63 of letters, digits, '-', '_', '.'; default "vm" */
    abx_arch arch;              /* default: the hypervisor's guest architecture */
    uint32_t cpus;              /* vCPUs that the VM may have: 1 to max_vcpus; default 1 */
    uint64_t memory_size;       /* RAM in bytes, a multiple of the page size; default: abx_default_memory_size() */
    bool no_memory;             /* manual backends: map no RAM; the caller adds regions. memory_size must be 0 */
    abx_backing memory_backing; /* ANONYMOUS or MEMFD for RAM */
    abx_huge_pages huge_pages;
    abx_irqchip irqchip;              /* manual backends */
    abx_choice pit;                   /* x86_64: an i8254 in the kernel; default no */
    abx_choice nested;                /* hardware virtualization for the guest; default no */
    abx_choice pmu;                   /* ARM64: performance monitors for the guest; default no */
    abx_choice sve;                   /* ARM64: scalable vectors for the guest; default no */
    abx_choice pointer_auth;          /* ARM64: pointer authentication for the guest; default no; hvf: always there */
    abx_choice dirty_log;             /* log written pages from the first moment; default no */
    bool msr_exits;                   /* x86_64: unknown MSR accesses come out as exits, not as #GP */
    bool hypercall_exits;             /* hypercalls that the kernel leaves to the VMM come out as exits */
    uint32_t tsc_khz;                 /* x86_64: TSC frequency of the guest; default: the host's */
    uint32_t event_capacity;          /* events kept unread before one is dropped: 16 to 65536; default 256 */
    abx_boot_config boot;             /* managed backends */
    const abx_device_config *devices; /* managed backends; manual ones refuse them: devices are the VMM's */
    size_t device_count;
    const void *machine_id; /* managed backends: who the machine is, as abx_vm_get_machine_id() gave it; default: new */
    size_t machine_id_size;
} abx_vm_config;

#define ABX_VM_CONFIG_INIT                                                                                             \
    {                                                                                                                  \
        .size = sizeof(abx_vm_config)                                                                                  \
    }

/* One fault of a configuration. */
typedef struct abx_config_fault {
    char field[64];    /* the member's name: "boot.kernel", "devices[2].block.path" */
    char message[160]; /* what is wrong with it and what would be right */
} abx_config_fault;

/*
 * Half of the host's memory, at least 512 MiB, at most 16 GiB and never more than the memory that is there, in whole
 * MiB. A cgroup's limit counts as the host's memory. Any thread.
 */
ABX_API uint64_t abx_default_memory_size(void);

/*
 * Checks all of `config` for VMs of `hypervisor` (NULL: only what holds on every backend). `faults` has room for
 * `capacity` and may be NULL when that is 0;
 * `*count` (may be NULL) gets the number of faults, which may be larger. Any thread.
 * Errors: ABX_ERR_INVALID (config is NULL or of an unknown size), ABX_ERR_CONFIG (there are faults; the error's advice
 * lists them all).
 */
ABX_API abx_status abx_vm_config_validate(const abx_vm_config *config, const abx_hypervisor *hypervisor,
                                          abx_config_fault *faults, size_t capacity, size_t *count) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
