/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vcpu_init.h"
#include "uapi.h"

static void add_feature(struct kvm_vcpu_init *init, unsigned int feature)
{
    init->features[feature / 32] |= 1u << (feature % 32);
}

/* What the VM's configuration asks for; that the host has it has been validated. */
static void choose_features(const abx_vm_config *config, uint32_t id, struct kvm_vcpu_init *init)
{
    add_feature(init, KVM_ARM_VCPU_PSCI_0_2);
    if (id != 0)
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

abx_status abx_vcpu_init_choose(const abx_kvm_vm *vm, uint32_t id, struct kvm_vcpu_init *init)
{
    struct kvm_vcpu_init chosen = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &chosen),
                                      "ask which processor vCPU %u shall be", id);
    if (status != ABX_OK)
        return status;
    choose_features(vm->config, id, &chosen);
    *init = chosen;
    return ABX_OK;
}

abx_status abx_vcpu_init(const abx_kvm_vm *vm, uint32_t id, int fd)
{
    static const int sve = KVM_ARM_VCPU_SVE;
    struct kvm_vcpu_init init;
    abx_status status = abx_vcpu_init_choose(vm, id, &init);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(fd, KVM_ARM_VCPU_INIT, &init), "initialise vCPU %u", id);
    if (status == ABX_OK && vm->config->sve == ABX_YES)
        status = abx_kvm_check(abx_kvm_ioctl(fd, KVM_ARM_VCPU_FINALIZE, &sve), "give vCPU %u scalable vectors", id);
    return status;
}
