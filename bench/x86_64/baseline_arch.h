/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What abx-baseline has of x86_64: a guest in real mode. VM, TSS and identity map addresses, CPUID, segment and general
 * registers are what any monitor sets. In a header, so that the loop that is measured calls nothing.
 */
#ifndef ABX_BENCH_BASELINE_ARCH_H
#define ABX_BENCH_BASELINE_ARCH_H

#include "call.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define BASELINE_RAM   UINT64_C(0)
#define BASELINE_ENTRY UINT64_C(0x1000)

enum { CPUID_ROOM = 128 };

/* out %al, $0x10; jmp to it */
static const uint8_t baseline_loop[] = { 0xe6, 0x10, 0xeb, 0xfc };

static struct kvm_cpuid2 *cpuid;

/* Once per process. */
static void baseline_ask(int kvm)
{
    cpuid = calloc(1, sizeof(*cpuid) + CPUID_ROOM * sizeof(cpuid->entries[0]));
    if (!cpuid)
        err(1, "memory");
    cpuid->nent = CPUID_ROOM;
    CALL(kvm, KVM_GET_SUPPORTED_CPUID, cpuid);
}

static void baseline_prepare_vm(int vm)
{
    uint64_t identity_map = 0xfeffc000;
    CALL(vm, KVM_SET_TSS_ADDR, 0xfeffd000);
    CALL(vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
}

static void baseline_prepare_vcpu(int vm, int vcpu)
{
    (void)vm;
    CALL(vcpu, KVM_SET_CPUID2, cpuid);
    struct kvm_sregs system;
    CALL(vcpu, KVM_GET_SREGS, &system);
    system.cs.base = 0;
    system.cs.selector = 0;
    CALL(vcpu, KVM_SET_SREGS, &system);
    struct kvm_regs registers = { .rip = BASELINE_ENTRY, .rflags = 2 };
    CALL(vcpu, KVM_SET_REGS, &registers);
}

/* The exit that baseline_loop makes. */
static inline bool baseline_is_exit(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_IO && run->io.port == 0x10;
}

/* A byte for the serial port; NULL for other exits. */
static const void *baseline_serial(const struct kvm_run *run)
{
    if (run->exit_reason != KVM_EXIT_IO || run->io.port != 0x3f8)
        return NULL;
    return (const uint8_t *)run + run->io.data_offset;
}

static bool baseline_is_end(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_HLT;
}

#endif
