/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "gic.h"
#include "table.h"
#include "uapi.h"

#include <errno.h>

/* A number beyond the last one never comes here. */
int abx_kvm_arch_vcpu_open(abx_kvm_vm *vm, uint32_t id)
{
    int fd = atomic_exchange(&vm->arch.vcpus[id], -1);
    return fd < 0 ? -EEXIST : fd;
}

static void add_feature(struct kvm_vcpu_init *init, unsigned int feature)
{
    init->features[feature / 32] |= 1u << (feature % 32);
}

/* What the VM's configuration asks for; that the host has it has been validated. */
static void choose_features(const abx_kvm_vcpu *vcpu, struct kvm_vcpu_init *init)
{
    const abx_vm_config *config = vcpu->vm->config;
    add_feature(init, KVM_ARM_VCPU_PSCI_0_2);
    if (vcpu->id != 0)
        add_feature(init, KVM_ARM_VCPU_POWER_OFF);
    if (config->pmu == ABX_YES)
        add_feature(init, KVM_ARM_VCPU_PMU_V3);
    if (config->sve == ABX_YES)
        add_feature(init, KVM_ARM_VCPU_SVE);
    if (config->pointer_auth == ABX_YES) {
        add_feature(init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
        add_feature(init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
    }
    if (config->nested == ABX_YES)
        add_feature(init, KVM_ARM_VCPU_HAS_EL2);
}

/* After the interrupt controller is initialised, and before the first run. */
static abx_status start_pmu(const abx_kvm_vcpu *vcpu)
{
    static const int interrupt = ABX_GIC_FIRST_PPI + ABX_ARM64_PPI_PMU;
    int result = 0;
    if (vcpu->vm->config->irqchip != ABX_IRQCHIP_NONE)
        result = abx_device_set(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, &interrupt);
    if (result >= 0)
        result = abx_device_set(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT, NULL);
    return abx_kvm_check(result, "give vCPU %u performance monitors", vcpu->id);
}

abx_status abx_kvm_arch_vcpu_create(abx_kvm_vcpu *vcpu)
{
    static const int sve = KVM_ARM_VCPU_SVE;
    struct kvm_vcpu_init *init = &vcpu->arch.init;
    const abx_vm_config *config = vcpu->vm->config;
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->vm->fd, KVM_ARM_PREFERRED_TARGET, init),
                                      "ask which processor vCPU %u shall be", vcpu->id);
    if (status != ABX_OK)
        return status;
    choose_features(vcpu, init);
    status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, init), "initialise vCPU %u", vcpu->id);
    if (status == ABX_OK && config->sve == ABX_YES) {
        vcpu->arch.sve = true;
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &sve), "give vCPU %u scalable vectors",
                               vcpu->id);
    }
    if (status == ABX_OK && config->pmu == ABX_YES)
        status = start_pmu(vcpu);
    return status;
}

abx_status abx_kvm_reset(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    /* The next run must not finish an access of the life before. */
    abx_status status = abx_kvm_vcpu_complete_io(vcpu);
    if (status != ABX_OK)
        return status;
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &vcpu->arch.init), "reset vCPU %u", vcpu->id);
}
