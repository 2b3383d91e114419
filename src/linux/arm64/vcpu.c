/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "gic.h"
#include "table.h"
#include "vcpu_init.h"

#include <errno.h>

/* A number beyond the last one never comes here. */
int abx_kvm_arch_vcpu_open(abx_kvm_vm *vm, uint32_t id)
{
    int fd = atomic_exchange(&vm->arch.vcpus[id], -1);
    return fd < 0 ? -EEXIST : fd;
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
    const abx_vm_config *config = vcpu->vm->config;
    vcpu->arch.sve = config->sve == ABX_YES;
    abx_status status = abx_vcpu_init_choose(vcpu->vm, vcpu->id, &vcpu->arch.init);
    return status == ABX_OK && config->pmu == ABX_YES ? start_pmu(vcpu) : status;
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
