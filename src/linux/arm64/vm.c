/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "gic.h"
#include "uapi.h"
#include "vcpu_init.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

unsigned long abx_kvm_arch_vm_type(const abx_kvm_hypervisor *hypervisor)
{
    return KVM_VM_TYPE_ARM_IPA_SIZE(hypervisor->arch.ipa_bits);
}

uint32_t abx_kvm_arch_line(uint32_t gsi)
{
    return (uint32_t)KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | ((ABX_GIC_FIRST_SPI + gsi) & KVM_ARM_IRQ_NUM_MASK)
                                                                          << KVM_ARM_IRQ_NUM_SHIFT;
}

/*
 * Services that KVM never has (SMC Calling Convention, DEN0028, table 6-1): owners 1 to 3 are the CPU, the chip and the
 * manufacturer, 48 to 63 trusted applications and operating systems; each by calls of 32 and of 64 bits.
 */
static abx_status forward_hypercalls(const abx_kvm_vm *vm)
{
    static const struct kvm_smccc_filter ranges[] = {
        { .base = 0x81000000, .nr_functions = 0x03000000, .action = KVM_SMCCC_FILTER_FWD_TO_USER },
        { .base = 0xb0000000, .nr_functions = 0x10000000, .action = KVM_SMCCC_FILTER_FWD_TO_USER },
        { .base = 0xc1000000, .nr_functions = 0x03000000, .action = KVM_SMCCC_FILTER_FWD_TO_USER },
        { .base = 0xf0000000, .nr_functions = 0x10000000, .action = KVM_SMCCC_FILTER_FWD_TO_USER },
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        int result = abx_device_set(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &ranges[i]);
        if (result < 0)
            return abx_kvm_check(result, "ask for hypercall exits");
    }
    return ABX_OK;
}

abx_status abx_kvm_arch_vm_create(abx_kvm_vm *vm)
{
    const struct abx_kvm_arch_hypervisor *host = &vm->hypervisor->arch;
    abx_status status = ABX_OK;
    vm->arch.gic = vm->arch.its = -1;
    if (host->nisv)
        status = abx_kvm_check(abx_kvm_enable(vm->fd, KVM_CAP_ARM_NISV_TO_USER, 0),
                               "ask for accesses without a decoded instruction");
    if (status == ABX_OK && host->system_suspend)
        status =
            abx_kvm_check(abx_kvm_enable(vm->fd, KVM_CAP_ARM_SYSTEM_SUSPEND, 0), "ask for calls of SYSTEM_SUSPEND");
    return status == ABX_OK && vm->config->hypercall_exits ? forward_hypercalls(vm) : status;
}

static void close_all(atomic_int *descriptors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int fd = atomic_load(&descriptors[i]);
        if (fd >= 0)
            close(fd);
    }
    free(descriptors);
}

static abx_status create_vcpu(const abx_kvm_vm *vm, uint32_t id, int *out)
{
    int fd = abx_kvm_ioctl_value(vm->fd, KVM_CREATE_VCPU, id);
    if (fd < 0)
        return abx_kvm_check(fd, "create vCPU %u", id);
    abx_status status = abx_vcpu_init(vm, id, fd);
    if (status == ABX_OK)
        *out = fd;
    else
        close(fd);
    return status;
}

/* All vCPUs there may be: the interrupt controllers take no more once they are initialised. */
static abx_status create_vcpus(abx_kvm_vm *vm)
{
    uint32_t count = vm->config->cpus;
    atomic_int *descriptors = malloc(count * sizeof(*descriptors));
    if (!descriptors)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create %u vCPUs", count);
    for (uint32_t id = 0; id < count; id++) {
        int fd = -1;
        abx_status status = create_vcpu(vm, id, &fd);
        if (status != ABX_OK) {
            close_all(descriptors, id);
            return status;
        }
        atomic_init(&descriptors[id], fd);
    }
    vm->arch.vcpus = descriptors;
    return ABX_OK;
}

abx_status abx_kvm_arch_vm_seal(abx_kvm_vm *vm)
{
    bool with_gic = vm->config->irqchip != ABX_IRQCHIP_NONE;
    abx_status status = with_gic ? abx_gic_create(vm) : ABX_OK;
    if (status != ABX_OK)
        return status;
    status = create_vcpus(vm);
    if (status != ABX_OK)
        goto close_gic;
    if (with_gic) {
        status = abx_gic_init(vm);
        if (status != ABX_OK)
            goto close_vcpus;
    }
    return ABX_OK;

close_vcpus:
    close_all(vm->arch.vcpus, vm->config->cpus);
    vm->arch.vcpus = NULL;
close_gic:
    abx_gic_close(vm);
    return status;
}

void abx_kvm_arch_vm_destroy(abx_kvm_vm *vm)
{
    if (vm->arch.vcpus)
        close_all(vm->arch.vcpus, vm->config->cpus);
    abx_gic_close(vm);
}
