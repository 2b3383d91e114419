/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ARM64's part of the KVM backend's objects. */
#ifndef ABX_SRC_LINUX_ARM64_KVM_ARCH_H
#define ABX_SRC_LINUX_ARM64_KVM_ARCH_H

#include <arcbox/backend.h>
#include <linux/kvm.h>
#include <stdatomic.h>
#include <sys/syscall.h>

struct abx_kvm_hypervisor;
struct abx_kvm_vm;
struct abx_kvm_vcpu;

struct abx_kvm_arch_hypervisor {
    uint32_t ipa_bits;    /* KVM_CAP_ARM_VM_IPA_SIZE; 0: VMs have 40 and nothing is asked */
    uint32_t gic_version; /* what VMs get: 3, 2, or 0 for none */
    bool its;             /* … with an ITS */
    bool nisv;            /* accesses without a decoded instruction can come out */
    bool system_suspend;  /* the guest's calls of SYSTEM_SUSPEND can come out */
    bool events;          /* KVM_GET_VCPU_EVENTS */
    bool serror_syndrome; /* SErrors can have one */
    bool data_abort;      /* external data aborts can be injected */
};

struct abx_kvm_arch_vm {
    int gic; /* descriptors of devices; -1: there is none */
    int its;
    atomic_int
        *vcpus; /* descriptors of all vCPUs, by number, -1 where one has been taken; NULL before the VM is sealed */
};

struct abx_kvm_arch_vcpu {
    struct kvm_vcpu_init init; /* as it was initialised */
    bool sve;
    bool result_waits; /* a hypercall came out, and its result goes into X0 before the next entry */
};

/*
 * KVM_RUN: 0 or a negative errno. Not by ioctl(2): its handling of variable arguments takes as long as the rest of an
 * exit. The kernel preserves all registers but X0 (Linux, arch/arm64/kernel/entry.S).
 */
static inline int abx_kvm_arch_enter(int fd)
{
    register long number __asm__("x8") = SYS_ioctl;
    register long result __asm__("x0") = fd;
    register long request __asm__("x1") = KVM_RUN;
    register long argument __asm__("x2") = 0;
    __asm__ volatile("svc #0" : "+r"(result) : "r"(number), "r"(request), "r"(argument) : "memory", "cc");
    return (int)result;
}

/* Advice for a host without a KVM device. */
#define ABX_KVM_ARCH_ADVICE_MISSING                                                                                    \
    "The kernel must be built with KVM and started at EL2 by the firmware; inside a virtual machine, nested "          \
    "virtualization must be enabled for it."
#define ABX_KVM_ARCH_ADVICE_NO_HARDWARE                                                                                \
    "This machine offers no hardware virtualization: its firmware must start the kernel at EL2."

/* The ARM64 part of the backend's table (table.c). */
extern const abx_backend_arm64 abx_kvm_arm64;

/* Entries of the backend's table that other architectures do not have. */
#define ABX_KVM_ARCH_ENTRIES .arm64 = (&abx_kvm_arm64)

#endif
