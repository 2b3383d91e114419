/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: the names of registers, and the state that is no register. Layouts follow the Intel SDM (volume 3) and AMD
 * APM (volume 2). Every vCPU function here: the owning thread only (ABX_ERR_THREAD), ABX_ERR_INVALID for NULL,
 * ABX_ERR_NOT_SUPPORTED on other architectures or managed backends, ABX_ERR_SYSTEM when the kernel refuses.
 */
#ifndef ARCBOX_X86_64_H
#define ARCBOX_X86_64_H

#include <arcbox/registers.h>

ABX_BEGIN_DECLS

/* Classes of abx_reg. */
enum {
    ABX_X86_CLASS_GPR = 1,
    ABX_X86_CLASS_SYSTEM = 2,
    ABX_X86_CLASS_DEBUG = 3,
    ABX_X86_CLASS_XCR = 4,
    ABX_X86_CLASS_MSR = 5,
};

#define ABX_X86_REG(class_, number) ABX_REG(ABX_ARCH_X86_64, class_, number)

/* General purpose, by the encoding of instructions (SDM vol. 2, 3.1.1.1). */
#define ABX_X86_RAX    ABX_X86_REG(ABX_X86_CLASS_GPR, 0)
#define ABX_X86_RCX    ABX_X86_REG(ABX_X86_CLASS_GPR, 1)
#define ABX_X86_RDX    ABX_X86_REG(ABX_X86_CLASS_GPR, 2)
#define ABX_X86_RBX    ABX_X86_REG(ABX_X86_CLASS_GPR, 3)
#define ABX_X86_RSP    ABX_X86_REG(ABX_X86_CLASS_GPR, 4)
#define ABX_X86_RBP    ABX_X86_REG(ABX_X86_CLASS_GPR, 5)
#define ABX_X86_RSI    ABX_X86_REG(ABX_X86_CLASS_GPR, 6)
#define ABX_X86_RDI    ABX_X86_REG(ABX_X86_CLASS_GPR, 7)
#define ABX_X86_R8     ABX_X86_REG(ABX_X86_CLASS_GPR, 8)
#define ABX_X86_R9     ABX_X86_REG(ABX_X86_CLASS_GPR, 9)
#define ABX_X86_R10    ABX_X86_REG(ABX_X86_CLASS_GPR, 10)
#define ABX_X86_R11    ABX_X86_REG(ABX_X86_CLASS_GPR, 11)
#define ABX_X86_R12    ABX_X86_REG(ABX_X86_CLASS_GPR, 12)
#define ABX_X86_R13    ABX_X86_REG(ABX_X86_CLASS_GPR, 13)
#define ABX_X86_R14    ABX_X86_REG(ABX_X86_CLASS_GPR, 14)
#define ABX_X86_R15    ABX_X86_REG(ABX_X86_CLASS_GPR, 15)
#define ABX_X86_RIP    ABX_X86_REG(ABX_X86_CLASS_GPR, 16)
#define ABX_X86_RFLAGS ABX_X86_REG(ABX_X86_CLASS_GPR, 17)

/* Segments: 8 of them, 4 fields each. Attributes are bits 8-23 of the descriptor's second word, without the limit:
 * type, S, DPL, P, AVL, L, DB, G as in VMX access rights (SDM vol. 3, 24.4.1), bit 16: unusable. */
enum {
    ABX_X86_SEG_ES = 0,
    ABX_X86_SEG_CS,
    ABX_X86_SEG_SS,
    ABX_X86_SEG_DS,
    ABX_X86_SEG_FS,
    ABX_X86_SEG_GS,
    ABX_X86_SEG_LDTR,
    ABX_X86_SEG_TR,
    ABX_X86_SEG_COUNT,
};
enum {
    ABX_X86_SEG_SELECTOR = 0,
    ABX_X86_SEG_BASE,
    ABX_X86_SEG_LIMIT,      /* in bytes - 1, whatever G says */
    ABX_X86_SEG_ATTRIBUTES, /* SVM keeps no G for CS: it reads as the limit needs it */
};
#define ABX_X86_SEG(segment, field) ABX_X86_REG(ABX_X86_CLASS_SYSTEM, (segment)*4 + (field))
#define ABX_X86_GDTR_BASE           ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 64)
#define ABX_X86_GDTR_LIMIT          ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 65)
#define ABX_X86_IDTR_BASE           ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 66)
#define ABX_X86_IDTR_LIMIT          ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 67)
#define ABX_X86_CR0                 ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 80)
#define ABX_X86_CR2                 ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 82)
#define ABX_X86_CR3                 ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 83)
#define ABX_X86_CR4                 ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 84)
#define ABX_X86_CR8                 ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 88)
#define ABX_X86_EFER                ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 96)
#define ABX_X86_APIC_BASE           ABX_X86_REG(ABX_X86_CLASS_SYSTEM, 97)

/* Debug registers DR0 to DR3, DR6, DR7. */
#define ABX_X86_DR(number) ABX_X86_REG(ABX_X86_CLASS_DEBUG, number)

/* Extended control registers. */
#define ABX_X86_XCR0 ABX_X86_REG(ABX_X86_CLASS_XCR, 0)

/* A model-specific register by its index. abx_x86_msr_list() has those that belong to the guest's state. */
#define ABX_X86_MSR(index) ABX_X86_REG(ABX_X86_CLASS_MSR, index)

/* x87 and SSE state in registers' own formats. */
typedef struct abx_x86_fpu {
    uint8_t st[8][16]; /* ST0-ST7, 10 bytes used */
    uint16_t fcw;
    uint16_t fsw;
    uint8_t ftw; /* abridged: bit set, register in use (SDM vol. 1, 10.5.1) */
    uint8_t reserved;
    uint16_t last_opcode;
    uint64_t last_ip;
    uint64_t last_dp;
    uint8_t xmm[16][16];
    uint32_t mxcsr;
    uint32_t reserved2;
} abx_x86_fpu;

ABX_API abx_status abx_x86_get_fpu(abx_vcpu *vcpu, abx_x86_fpu *fpu) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_fpu(abx_vcpu *vcpu, const abx_x86_fpu *fpu) ABX_MUST_CHECK;

/*
 * The XSAVE area in its standard format (SDM vol. 1, 13.4). Its size depends on the host and the features given to the
 * guest: ask with capacity 0. `*size` gets the bytes needed, and setting takes exactly as many. Also: ABX_ERR_LIMIT
 * (buffer too small; *size is set), ABX_ERR_NO_MEMORY.
 */
ABX_API abx_status abx_x86_get_xsave(abx_vcpu *vcpu, void *buffer, size_t capacity, size_t *size) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_xsave(abx_vcpu *vcpu, const void *buffer, size_t size) ABX_MUST_CHECK;

/* The local APIC's register page: register at offset o is the 32-bit word at o (SDM vol. 3, 10.4.1). Also:
 * ABX_ERR_STATE (not in the kernel). */
typedef struct abx_x86_lapic {
    uint8_t page[1024];
} abx_x86_lapic;

ABX_API abx_status abx_x86_get_lapic(abx_vcpu *vcpu, abx_x86_lapic *lapic) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_lapic(abx_vcpu *vcpu, const abx_x86_lapic *lapic) ABX_MUST_CHECK;

/* Exceptions, interrupts and NMIs on their way into the guest. */
typedef struct abx_x86_events {
    bool exception_injected;
    bool exception_pending;
    bool exception_has_error_code;
    uint8_t exception_vector;
    uint32_t exception_error_code;
    bool exception_has_payload;
    uint64_t exception_payload;
    bool interrupt_injected;
    bool interrupt_soft;
    uint8_t interrupt_vector;
    uint8_t interrupt_shadow; /* bit 0: after MOV SS, bit 1: after STI */
    bool nmi_injected;
    bool nmi_pending;
    bool nmi_masked;
    bool smm;
    bool triple_fault_pending;
    uint32_t sipi_vector;
} abx_x86_events;

ABX_API abx_status abx_x86_get_events(abx_vcpu *vcpu, abx_x86_events *events) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_events(abx_vcpu *vcpu, const abx_x86_events *events) ABX_MUST_CHECK;

/* One leaf of CPUID. */
typedef struct abx_x86_cpuid {
    uint32_t leaf;
    uint32_t subleaf;
    bool has_subleaf; /* the subleaf matters */
    uint32_t eax, ebx, ecx, edx;
} abx_x86_cpuid;

/*
 * What the host supports for guests, read once when the hypervisor was opened. `entries` has room for `capacity` and
 * may be NULL when that is 0; `*count` gets the number there is. Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_NOT_SUPPORTED.
 */
ABX_API abx_status abx_x86_supported_cpuid(const abx_hypervisor *hypervisor, abx_x86_cpuid *entries, size_t capacity,
                                           size_t *count) ABX_MUST_CHECK;

/*
 * What the guest's CPUID instruction will say. New vCPUs have what the host supports, with their own APIC id and the
 * VM's topology; nested virtualization only where the configuration asks for it. Before the first run only. Also:
 * ABX_ERR_LIMIT (too many leaves), ABX_ERR_STATE (the vCPU has run, and these are other leaves).
 */
ABX_API abx_status abx_x86_set_cpuid(abx_vcpu *vcpu, const abx_x86_cpuid *entries, size_t count) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_get_cpuid(abx_vcpu *vcpu, abx_x86_cpuid *entries, size_t capacity,
                                     size_t *count) ABX_MUST_CHECK;

/* The MSRs that make up a guest's state on this host; read once when the hypervisor was opened. Any thread. Errors: as
 * abx_x86_supported_cpuid(). */
ABX_API abx_status abx_x86_msr_list(const abx_hypervisor *hypervisor, uint32_t *indices, size_t capacity,
                                    size_t *count) ABX_MUST_CHECK;

/* The guest's TSC frequency in kHz. Setting needs ABX_CAP_TSC_CONTROL, before the first run; it changes CPUID's leaf
 * 0x40000010 with it. Also: ABX_ERR_RANGE (the host cannot scale so far). */
ABX_API abx_status abx_x86_get_tsc_khz(abx_vcpu *vcpu, uint32_t *khz) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_tsc_khz(abx_vcpu *vcpu, uint32_t khz) ABX_MUST_CHECK;

/* The paravirtual clock of the VM: nanoseconds since its start. Set it after a restore to what it was. Any thread. */
ABX_API abx_status abx_x86_get_clock(abx_vm *vm, uint64_t *nanoseconds) ABX_MUST_CHECK;
ABX_API abx_status abx_x86_set_clock(abx_vm *vm, uint64_t nanoseconds) ABX_MUST_CHECK;

/*
 * Lets accesses to MSRs [first, first + count) come out as exits instead of reaching the kernel; several ranges by
 * several calls, at most 16. Needs config.msr_exits. Any thread; before the VM starts. Errors: ABX_ERR_INVALID,
 * ABX_ERR_LIMIT, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_x86_trap_msrs(abx_vm *vm, uint32_t first, uint32_t count, bool reads,
                                     bool writes) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
