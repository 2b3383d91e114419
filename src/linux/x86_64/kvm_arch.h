/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86_64's part of the KVM backend's objects. */
#ifndef ABX_SRC_LINUX_X86_64_KVM_ARCH_H
#define ABX_SRC_LINUX_X86_64_KVM_ARCH_H

#include <arcbox/backend.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sys/syscall.h>

struct abx_kvm_hypervisor;
struct abx_kvm_vm;
struct abx_kvm_vcpu;

struct abx_kvm_arch_hypervisor {
    struct kvm_cpuid2 *cpuid;  /* KVM_GET_SUPPORTED_CPUID, read once */
    struct kvm_msr_list *msrs; /* KVM_GET_MSR_INDEX_LIST, read once */
    uint32_t hypercalls;       /* KVM_CAP_EXIT_HYPERCALL: those that can come out, a bit each */
    bool xsave2;               /* KVM_GET_XSAVE2: the state may be larger than 4 KiB */
    bool sregs2;
    bool exception_payload;
    bool triple_fault_event;
};

/* A range of MSRs whose accesses come out as exits. */
struct abx_kvm_msr_trap {
    uint32_t first;
    uint32_t count;
    bool reads;
    bool writes;
};

enum { ABX_KVM_MSR_TRAPS = 16 }; /* KVM_MSR_FILTER_MAX_RANGES */

struct abx_kvm_arch_vm {
    pthread_mutex_t trap_lock; /* of the two that follow */
    struct abx_kvm_msr_trap traps[ABX_KVM_MSR_TRAPS];
    uint32_t trap_count;
};

/* A vCPU has nothing of its own. */
struct abx_kvm_arch_vcpu {
};

/*
 * KVM_RUN: 0 or a negative errno. Not by ioctl(2): its handling of variable arguments takes as long as the rest of an
 * exit, and here the caller's registers survive (System V ABI, AMD64 supplement, A.2.1).
 */
static inline int abx_kvm_arch_enter(int fd)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"((long)SYS_ioctl), "D"((long)fd), "S"((long)KVM_RUN), "d"(0L)
                     : "rcx", "r11", "memory");
    return (int)result;
}

/* Advice for a host without a KVM device. */
#define ABX_KVM_ARCH_ADVICE_MISSING                                                                                    \
    "Load the KVM module (sudo modprobe kvm_intel or kvm_amd) and enable virtualization in the firmware; inside a "    \
    "virtual machine, nested virtualization must be enabled for it."
#define ABX_KVM_ARCH_ADVICE_NO_HARDWARE                                                                                \
    "This machine offers no hardware virtualization: enable Intel VT-x or AMD-V in the firmware, or nested "           \
    "virtualization on the host of this virtual machine."

/* inject.c: functions of the backend's table. */
abx_status abx_kvm_vcpu_inject_vector(void *vcpu, uint32_t vector);
bool abx_kvm_vcpu_interrupt_ready(const void *vcpu);
abx_status abx_kvm_vcpu_request_irq_window(void *vcpu, bool on);
abx_status abx_kvm_vcpu_inject_nmi(void *vcpu);

/* The x86_64 part of that table (table.c). */
extern const abx_backend_x86_64 abx_kvm_x86_64;

/* Entries of the backend's table that other architectures do not have. */
#define ABX_KVM_ARCH_ENTRIES                                                                                           \
    .vcpu_inject_vector = abx_kvm_vcpu_inject_vector, .vcpu_interrupt_ready = abx_kvm_vcpu_interrupt_ready,            \
    .vcpu_request_irq_window = abx_kvm_vcpu_request_irq_window, .vcpu_inject_nmi = abx_kvm_vcpu_inject_nmi,            \
    .x86_64 = &abx_kvm_x86_64

/* cpuid.c: reads what the host supports into hypervisor->arch.cpuid; gives it to a new vCPU (APIC id, topology,
 * nested virtualization as configured). */
abx_status abx_kvm_cpuid_load(struct abx_kvm_hypervisor *hypervisor);
abx_status abx_kvm_cpuid_apply(struct abx_kvm_vcpu *vcpu);
/* msr.c: reads the host's list into hypervisor->arch.msrs. */
abx_status abx_kvm_msr_list_load(struct abx_kvm_hypervisor *hypervisor);

/* msr_trap.c: a function of the table. */
abx_status abx_kvm_trap_msrs(void *vm, uint32_t first, uint32_t count, bool reads, bool writes);

#endif
