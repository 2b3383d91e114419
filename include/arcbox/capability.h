/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a backend can do on this host: asked, not guessed. */
#ifndef ARCBOX_CAPABILITY_H
#define ARCBOX_CAPABILITY_H

#include <arcbox/base.h>

ABX_BEGIN_DECLS

/* Things that are there or not. Numbers never change; new ones are added at the end. */
typedef enum abx_cap {
    ABX_CAP_HARDWARE,             /* guest code runs on hardware virtualization */
    ABX_CAP_MANUAL,               /* vCPUs, exits, registers and memory in the caller's hands; otherwise managed */
    ABX_CAP_GUEST_MEMORY,         /* guest memory can be mapped, read and written */
    ABX_CAP_READ_ONLY_MEMORY,     /* regions that the guest cannot write */
    ABX_CAP_MEMORY_HOTPLUG,       /* regions come and go while the VM runs */
    ABX_CAP_DISCARD,              /* discarded guest memory goes back to the host */
    ABX_CAP_DIRTY_LOG,            /* written pages by bitmap */
    ABX_CAP_DIRTY_RING,           /* written pages by ring */
    ABX_CAP_IRQCHIP,              /* interrupt controllers in the kernel */
    ABX_CAP_SPLIT_IRQCHIP,        /* local interrupt controllers in the kernel, I/O controllers in the VMM */
    ABX_CAP_PIT,                  /* i8254 in the kernel */
    ABX_CAP_IRQ_LINES,            /* abx_irq_set_line() */
    ABX_CAP_MSI,                  /* abx_irq_send_msi() */
    ABX_CAP_IRQ_ROUTING,          /* abx_irq_set_routes() */
    ABX_CAP_IRQFD,                /* abx_irqfd_attach() */
    ABX_CAP_IRQFD_RESAMPLE,       /* … with a resample descriptor */
    ABX_CAP_IOEVENTFD,            /* abx_ioeventfd_attach() on MMIO and, where there is any, PIO */
    ABX_CAP_IOEVENTFD_ANY_LENGTH, /* … of length 0 */
    ABX_CAP_VECTOR_INJECTION,     /* abx_vcpu_inject_vector() without an in-kernel controller */
    ABX_CAP_NMI,                  /* abx_vcpu_inject_nmi() */
    ABX_CAP_REGISTERS,            /* abx_vcpu_read_registers() */
    ABX_CAP_SYNC_REGISTERS,       /* … without a system call after an exit */
    ABX_CAP_VCPU_STATE,           /* abx_vcpu_save_state() */
    ABX_CAP_MSR_EXITS,            /* unknown or filtered MSR accesses come out as exits */
    ABX_CAP_HYPERCALL_EXITS,      /* hypercalls come out as exits */
    ABX_CAP_SINGLE_STEP,          /* guest debugging by single step */
    ABX_CAP_HW_BREAKPOINTS,       /* guest debugging by hardware breakpoints and watchpoints */
    ABX_CAP_IMMEDIATE_EXIT,       /* a kick before entry costs no entry */
    ABX_CAP_PAUSE,                /* abx_vm_pause() */
    ABX_CAP_GUEST_CLOCK,          /* the paravirtual clock can be read and set */
    ABX_CAP_TSC_CONTROL,          /* the TSC frequency of guests can be set */
    ABX_CAP_NESTED,               /* guests can be given hardware virtualization of their own */
    ABX_CAP_FOREIGN_ARCH,         /* guests of another architecture than the host's */
    ABX_CAP_BINARY_STATS,         /* the kernel's binary statistics */
    ABX_CAP_COALESCED_IO,         /* writes gathered without exits */
    ABX_CAP_SYSTEM_EVENT,         /* guest resets, shutdowns and crashes come as system events */
    ABX_CAP_PMU,                  /* guests can be given performance monitors (ARM64: config.pmu) */
    ABX_CAP_SVE,                  /* guests can be given scalable vectors (ARM64) */
    ABX_CAP_POINTER_AUTH,         /* guests can be given pointer authentication (ARM64) */
    ABX_CAP_PSCI,         /* the kernel switches vCPUs on and off by itself (ARM64); else PSCI calls come as exits */
    ABX_CAP_REQUEST_STOP, /* the guest can be asked to switch off (managed) */
    ABX_CAP_SAVE,         /* a whole VM can be saved to a file and restored (managed) */
    ABX_CAP_BALLOON,      /* the guest can be asked for memory back (managed) */
    ABX_CAP_VSOCK,        /* sockets between guest and host (managed) */
    ABX_CAP_FS_SHARE,     /* folders shared with the guest (managed) */
    ABX_CAP_ROSETTA,      /* x86_64 programs in ARM64 guests (managed) */
    ABX_CAP_EFI,          /* guests can boot by EFI (managed) */
    ABX_CAP_IRQ_INPUTS,   /* abx_arm64_set_irq(): a controller outside the kernel can serve vCPUs (ARM64) */
    ABX_CAP_COUNT         /* how many this header knows */
} abx_cap;

/* Whether we ourselves run inside a virtual machine. */
typedef enum abx_nesting {
    ABX_NESTING_UNKNOWN = 0,
    ABX_NESTING_BARE_METAL,
    ABX_NESTING_GUEST,
} abx_nesting;

/* The truth about one backend on this host. Filled once when the hypervisor is opened; constant afterwards. */
typedef struct abx_capabilities {
    size_t size;              /* of this structure, as the library knows it */
    uint64_t bits[2];         /* bit n: abx_cap n; ask with abx_capabilities_has() */
    uint32_t guest_archs;     /* set of 1u << abx_arch */
    uint32_t max_vcpus;       /* per VM */
    uint32_t max_slots;       /* memory regions per VM; 0: regions cannot be mapped */
    uint32_t max_gsi;         /* routable interrupt lines; 0: none */
    uint32_t phys_bits;       /* width of guest physical addresses; 0: unknown */
    uint32_t breakpoints;     /* hardware breakpoints and watchpoints per vCPU */
    uint32_t page_size;       /* granule of guest memory regions in bytes */
    uint32_t max_vms;         /* per process; 0: no limit */
    uint32_t tsc_khz;         /* x86_64: the host's TSC frequency; 0: unknown */
    uint32_t xsave_size;      /* x86_64: bytes of the largest XSAVE state; 0: unknown */
    abx_nesting nesting;      /* are we inside a VM? */
    char host_hypervisor[16]; /* signature or name of the hypervisor below us, "" when there is none */
    char nested_obstacle[64]; /* why guests are given no hardware virtualization; "": they are, or it is not known */
    char detail[64];          /* how the backend runs guests: "AMD SVM", "PVM (software)", "TCG of QEMU 7.2.22" */
} abx_capabilities;

/* Whether `cap` is there. False for NULL and for values out of range. */
ABX_API bool abx_capabilities_has(const abx_capabilities *caps, abx_cap cap);

/* "irqfd-resample" and the like: lower case, stable, for reports and JSON; NULL out of range. Static storage. */
ABX_API const char *abx_cap_name(abx_cap cap);

/* A few words about `cap` for a person; NULL out of range. Static storage. */
ABX_API const char *abx_cap_text(abx_cap cap);

ABX_END_DECLS

#endif
