/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ARM64: the names of registers, the state that is no register, and where a VM's interrupt controllers and devices are.
 * Registers and fields follow the Arm Architecture Reference Manual (DDI 0487). Every vCPU function here: the owning
 * thread only (ABX_ERR_THREAD), ABX_ERR_INVALID for NULL, ABX_ERR_NOT_SUPPORTED on other architectures or managed
 * backends, ABX_ERR_SYSTEM when the kernel refuses.
 */
#ifndef ARCBOX_ARM64_H
#define ARCBOX_ARM64_H

#include <arcbox/registers.h>

ABX_BEGIN_DECLS

/* Classes of abx_reg. */
enum {
    ABX_ARM64_CLASS_CORE = 1,   /* general purpose registers, PC, PSTATE and those of EL1 that belong to them */
    ABX_ARM64_CLASS_FP = 2,     /* FPCR, FPSR and V0 to V31, a half each */
    ABX_ARM64_CLASS_SYSREG = 3, /* system registers, by their encoding in MRS and MSR */
    ABX_ARM64_CLASS_SVE = 4,    /* Z0 to Z31, P0 to P15 and FFR in words of 64 bits; needs config.sve */
};

#define ABX_ARM64_REG(class_, number) ABX_REG(ABX_ARCH_ARM64, class_, number)

/* X0 to X30. */
#define ABX_ARM64_X(number) ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, number)
/* SP_EL0: the stack pointer that EL0 uses, and EL1 with SPSel 0. SP_EL1: that of EL1 with SPSel 1. */
#define ABX_ARM64_SP       ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 31)
#define ABX_ARM64_PC       ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 32)
#define ABX_ARM64_PSTATE   ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 33)
#define ABX_ARM64_SP_EL1   ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 34)
#define ABX_ARM64_ELR_EL1  ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 35)
#define ABX_ARM64_SPSR_EL1 ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 36)

/* PSTATE as in SPSR_ELx (C5.2.18): EL1 with its own stack, all of DAIF masked. */
#define ABX_ARM64_PSTATE_EL1H 0x3c5u

/* The lower and upper 64 bits of V0 to V31, and the two control registers. */
#define ABX_ARM64_V_LOW(number)  ABX_ARM64_REG(ABX_ARM64_CLASS_FP, (number)*2)
#define ABX_ARM64_V_HIGH(number) ABX_ARM64_REG(ABX_ARM64_CLASS_FP, (number)*2 + 1)
#define ABX_ARM64_FPSR           ABX_ARM64_REG(ABX_ARM64_CLASS_FP, 64)
#define ABX_ARM64_FPCR           ABX_ARM64_REG(ABX_ARM64_CLASS_FP, 65)

/* A system register by op0, op1, CRn, CRm and op2 (C5.1.2): the layout is that of KVM's ids and of hv_sys_reg_t. */
#define ABX_ARM64_SYSREG_NUMBER(op0, op1, crn, crm, op2)                                                               \
    ((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 | (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | (uint32_t)(op2))
#define ABX_ARM64_SYSREG(op0, op1, crn, crm, op2)                                                                      \
    ABX_ARM64_REG(ABX_ARM64_CLASS_SYSREG, ABX_ARM64_SYSREG_NUMBER(op0, op1, crn, crm, op2))
#define ABX_ARM64_MPIDR_EL1     ABX_ARM64_SYSREG(3, 0, 0, 0, 5)
#define ABX_ARM64_SCTLR_EL1     ABX_ARM64_SYSREG(3, 0, 1, 0, 0)
#define ABX_ARM64_CPACR_EL1     ABX_ARM64_SYSREG(3, 0, 1, 0, 2)
#define ABX_ARM64_TTBR0_EL1     ABX_ARM64_SYSREG(3, 0, 2, 0, 0)
#define ABX_ARM64_TTBR1_EL1     ABX_ARM64_SYSREG(3, 0, 2, 0, 1)
#define ABX_ARM64_TCR_EL1       ABX_ARM64_SYSREG(3, 0, 2, 0, 2)
#define ABX_ARM64_ESR_EL1       ABX_ARM64_SYSREG(3, 0, 5, 2, 0)
#define ABX_ARM64_FAR_EL1       ABX_ARM64_SYSREG(3, 0, 6, 0, 0)
#define ABX_ARM64_MAIR_EL1      ABX_ARM64_SYSREG(3, 0, 10, 2, 0)
#define ABX_ARM64_VBAR_EL1      ABX_ARM64_SYSREG(3, 0, 12, 0, 0)
#define ABX_ARM64_TPIDR_EL1     ABX_ARM64_SYSREG(3, 0, 13, 0, 4)
#define ABX_ARM64_TPIDR_EL0     ABX_ARM64_SYSREG(3, 3, 13, 0, 2)
#define ABX_ARM64_CNTV_CTL_EL0  ABX_ARM64_SYSREG(3, 3, 14, 3, 1)
#define ABX_ARM64_CNTV_CVAL_EL0 ABX_ARM64_SYSREG(3, 3, 14, 3, 2)
/* Writing the count moves the virtual counter of the whole VM: its offset to the host's. */
#define ABX_ARM64_CNTVCT_EL0 ABX_ARM64_SYSREG(3, 3, 14, 0, 2)

/* SVE: word 0 is the lowest. Registers have room for the architecture's largest vectors, 2048 bits; beyond the vCPU's
 * own length they read as zero. The first two words of Zn are Vn. */
#define ABX_ARM64_Z(number, word) ABX_ARM64_REG(ABX_ARM64_CLASS_SVE, (number)*32 + (word))
#define ABX_ARM64_P(number, word) ABX_ARM64_REG(ABX_ARM64_CLASS_SVE, 1024 + (number)*4 + (word))
#define ABX_ARM64_FFR(word)       ABX_ARM64_REG(ABX_ARM64_CLASS_SVE, 1088 + (word))

/*
 * The one map of guest physical addresses below RAM, for every manual backend: it is that of QEMU's "virt" machine, so
 * that what is built for it finds its devices. Interrupt line n of the API (GSI) is SPI n, INTID 32 + n.
 */
#define ABX_ARM64_GIC_DISTRIBUTOR    UINT64_C(0x08000000) /* 64 KiB */
#define ABX_ARM64_GIC_CPU_INTERFACE  UINT64_C(0x08010000) /* GICv2: 8 KiB */
#define ABX_ARM64_GIC_ITS            UINT64_C(0x08080000) /* GICv3: 128 KiB */
#define ABX_ARM64_GIC_REDISTRIBUTORS UINT64_C(0x080a0000) /* GICv3: 128 KiB per vCPU */
#define ABX_ARM64_GIC_END            UINT64_C(0x09000000)
#define ABX_ARM64_GIC_REDISTRIBUTOR  UINT64_C(0x20000)    /* the size of one */
#define ABX_ARM64_SERIAL             UINT64_C(0x09000000) /* PL011, 4 KiB */
#define ABX_ARM64_RTC                UINT64_C(0x09010000) /* PL031, 4 KiB */
#define ABX_ARM64_FW_CFG             UINT64_C(0x09020000) /* 24 bytes */
#define ABX_ARM64_GPIO               UINT64_C(0x09030000) /* PL061, 4 KiB: line 3 is the power button */
#define ABX_ARM64_PVPANIC            UINT64_C(0x09070000) /* 2 bytes */
#define ABX_ARM64_DEBUG_EXIT         UINT64_C(0x09080000) /* 4 bytes */
#define ABX_ARM64_VIRTIO             UINT64_C(0x0a000000) /* 512 bytes per device */
#define ABX_ARM64_RAM                UINT64_C(0x40000000)

enum {
    ABX_ARM64_SPI_SERIAL = 1,
    ABX_ARM64_SPI_RTC = 2,
    ABX_ARM64_SPI_GPIO = 7,
    ABX_ARM64_SPI_VIRTIO = 16,        /* of the first device; then one each */
    ABX_ARM64_PPI_VIRTUAL_TIMER = 11, /* INTID 27 (BSA, section on PPIs) */
    ABX_ARM64_PPI_PHYSICAL_TIMER = 14,
    ABX_ARM64_PPI_HYPERVISOR_TIMER = 10,
    ABX_ARM64_PPI_SECURE_TIMER = 13,
    ABX_ARM64_PPI_PMU = 7,
};

/* The affinity of vCPU `id` as in MPIDR_EL1 (D19.2): sixteen, as many as one SGI of GICv3 reaches, are a cluster. */
#define ABX_ARM64_AFFINITY(id)                                                                                         \
    (((uint32_t)(id)&0xfu) | ((uint32_t)(id) >> 4 & 0xffu) << 8 | ((uint32_t)(id) >> 12 & 0xffu) << 16)

/* The interrupt controllers of a VM that has them in the kernel, at the addresses above. */
typedef struct abx_arm64_gic {
    uint32_t version;       /* 2 or 3 */
    uint32_t lines;         /* how many SPIs there are: interrupt lines 0 to lines - 1 */
    bool has_its;           /* an ITS takes message-signalled interrupts */
    abx_gpa msi_frame;      /* where a GICv2m frame takes them (BSA, appendix on GICv2m); 0: there is none */
    uint32_t first_message; /* … by INTIDs from this one on, which are no interrupt lines */
    uint32_t messages;      /* … so many */
} abx_arm64_gic;

/* Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE (config.irqchip is NONE). */
ABX_API abx_status abx_arm64_get_gic(const abx_vm *vm, abx_arm64_gic *gic) ABX_MUST_CHECK;

/*
 * Sets private interrupt `ppi` (0 to 15: INTID 16 to 31) of vCPU `id` to `level`. One that a timer or the performance
 * monitors of the kernel's have keeps the level that they give it. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT
 * (no such interrupt, no such vCPU), ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE (config.irqchip is NONE), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_arm64_set_ppi(abx_vm *vm, uint32_t id, uint32_t ppi, bool level) ABX_MUST_CHECK;

/*
 * The state of all interrupt controllers of the VM as one versioned block of bytes. What an ITS and LPIs keep in guest
 * memory is written there: save that afterwards. `buffer` has room for `capacity` and may be NULL when that is 0;
 * `*size` gets the bytes needed. Any thread, while no vCPU runs. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_STATE (config.irqchip is NONE), ABX_ERR_BUSY (a vCPU runs), ABX_ERR_LIMIT
 * (buffer too small; *size is set), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_arm64_save_gic(abx_vm *vm, void *buffer, size_t capacity, size_t *size) ABX_MUST_CHECK;

/*
 * Puts such a block into a VM of as many vCPUs, after guest memory. The block is checked
 * before anything is changed. Any thread, before a vCPU has run. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_STATE, ABX_ERR_BUSY (as above), ABX_ERR_FORMAT (damaged, or of another kind of VM), ABX_ERR_NO_MEMORY,
 * ABX_ERR_SYSTEM (the state is then undefined: destroy the VM).
 */
ABX_API abx_status abx_arm64_restore_gic(abx_vm *vm, const void *buffer, size_t size) ABX_MUST_CHECK;

/* Exceptions on their way into the guest (D1.3). */
typedef struct abx_arm64_events {
    bool serror_pending;
    bool serror_has_syndrome;
    uint64_t serror_syndrome; /* ESR_EL1's ISS */
    bool data_abort_pending;  /* an external data abort, to be set after an exit for MMIO or ABX_EXIT_DATA_ABORT */
} abx_arm64_events;

/*
 * A data abort is told no more once it has been set. The owning thread only. Errors: ABX_ERR_INVALID (a syndrome has 25
 * bits), ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED (the host has no such event), ABX_ERR_SYSTEM, and on backend hvf
 * ABX_ERR_STATE (a data abort after another exit than those).
 */
ABX_API abx_status abx_arm64_get_events(abx_vcpu *vcpu, abx_arm64_events *events) ABX_MUST_CHECK;
ABX_API abx_status abx_arm64_set_events(abx_vcpu *vcpu, const abx_arm64_events *events) ABX_MUST_CHECK;

/*
 * The system registers that make up the vCPU's state on this host, by their names. `names` has room for `capacity` and
 * may be NULL when that is 0; `*count` gets the number there is. The owning thread only. Errors: ABX_ERR_INVALID,
 * ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_arm64_sysreg_list(abx_vcpu *vcpu, abx_reg *names, size_t capacity, size_t *count) ABX_MUST_CHECK;

/* Makes the vCPU as it was when it was created: registers reset, vCPU 0 runnable, others powered off. */
ABX_API abx_status abx_arm64_reset(abx_vcpu *vcpu) ABX_MUST_CHECK;

/*
 * Without a controller in the kernel (config.irqchip is NONE), the caller's own drives the vCPU's two inputs and hears
 * of the virtual timer by ABX_EXIT_TIMER: ABX_CAP_IRQ_INPUTS. What the last exit points to stays valid across these
 * three, so that a controller can look at the timer before it answers.
 *
 * Sets the levels of the inputs IRQ and FIQ. They keep them until they are set again; the guest takes an interrupt when
 * its PSTATE allows. Errors beside those above: ABX_ERR_STATE (the controllers are in the kernel).
 */
ABX_API abx_status abx_arm64_set_irq(abx_vcpu *vcpu, bool irq, bool fiq) ABX_MUST_CHECK;

/* The virtual timer (chapter D12): its output is high while it is enabled and `count` has reached `compare`, and goes
 * out as an interrupt where `masked_by_guest` is false. */
typedef struct abx_arm64_timer {
    bool enabled;         /* CNTV_CTL_EL0.ENABLE */
    bool masked_by_guest; /* CNTV_CTL_EL0.IMASK */
    uint64_t compare;     /* CNTV_CVAL_EL0 */
    uint64_t count;       /* CNTVCT_EL0, now */
    uint32_t frequency;   /* of the count, in Hz: CNTFRQ_EL0; never 0 */
} abx_arm64_timer;

/* The state of the virtual timer. Errors: those above. */
ABX_API abx_status abx_arm64_get_timer(abx_vcpu *vcpu, abx_arm64_timer *timer) ABX_MUST_CHECK;

/* After ABX_EXIT_TIMER the timer gives no further exit until this is called: when the guest has dealt with it. If its
 * output is still high it exits again. Errors beside those above: ABX_ERR_STATE (the controllers are in the kernel). */
ABX_API abx_status abx_arm64_unmask_timer(abx_vcpu *vcpu) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
