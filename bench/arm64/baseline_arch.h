/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What abx-baseline has of ARM64: a guest at EL1. The vCPU's kind and two registers are what any monitor sets. In a
 * header, so that the loop that is measured calls nothing.
 */
#ifndef ABX_BENCH_BASELINE_ARCH_H
#define ABX_BENCH_BASELINE_ARCH_H

#include "call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASELINE_RAM   UINT64_C(0x40000000)
#define BASELINE_ENTRY BASELINE_RAM

#define EXIT_ADDRESS   UINT64_C(0x0d000000)
#define SERIAL_ADDRESS UINT64_C(0x09000000)

/* str w0, [x1]; b to it */
static const uint8_t baseline_loop[] = { 0x20, 0x00, 0x00, 0xb9, 0xff, 0xff, 0xff, 0x17 };

/* Once per process. */
static void baseline_ask(int kvm)
{
    (void)kvm;
}

static void baseline_prepare_vm(int vm)
{
    (void)vm;
}

static void set_register(int vcpu, uint64_t id, uint64_t value)
{
    const struct kvm_one_reg reg = { .id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | id,
                                     .addr = (uintptr_t)&value };
    CALL(vcpu, KVM_SET_ONE_REG, &reg);
}

static void baseline_prepare_vcpu(int vm, int vcpu)
{
    struct kvm_vcpu_init init;
    CALL(vm, KVM_ARM_PREFERRED_TARGET, &init);
    init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
    CALL(vcpu, KVM_ARM_VCPU_INIT, &init);
    set_register(vcpu, KVM_REG_ARM_CORE_REG(regs.pc), BASELINE_ENTRY);
    set_register(vcpu, KVM_REG_ARM_CORE_REG(regs.regs[1]), EXIT_ADDRESS);
}

/* The exit that baseline_loop makes. */
static inline bool baseline_is_exit(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_MMIO && run->mmio.phys_addr == EXIT_ADDRESS;
}

/* A byte for the serial port; NULL for other exits. */
static const void *baseline_serial(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_MMIO && run->mmio.phys_addr == SERIAL_ADDRESS ? run->mmio.data : NULL;
}

static bool baseline_is_end(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_SYSTEM_EVENT;
}

#endif
