/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "linux/kvm_backend.h"
#include "linux/nested.h"
#include "uapi.h"

#include <string.h>
#include <unistd.h>

enum { DEFAULT_IPA_BITS = 40 }; /* of VMs of type 0 (Documentation/virt/kvm/api.rst, 4.2) */

/* Redistributors have a window of their own in the map of addresses. */
enum { MOST_VCPUS = (ABX_ARM64_GIC_END - ABX_ARM64_GIC_REDISTRIBUTORS) / ABX_ARM64_GIC_REDISTRIBUTOR };

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* What can only be asked of a VM. */
static abx_status probe_vm(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    struct abx_kvm_arch_hypervisor *arch = &hypervisor->arch;
    int vm = abx_kvm_ioctl_value(hypervisor->fd, KVM_CREATE_VM, abx_kvm_arch_vm_type(hypervisor));
    if (vm < 0)
        return abx_kvm_check(vm, "ask a VM what it can have");
    if (abx_device_offered(vm, KVM_DEV_TYPE_ARM_VGIC_V3))
        arch->gic_version = 3;
    else if (abx_device_offered(vm, KVM_DEV_TYPE_ARM_VGIC_V2))
        arch->gic_version = 2;
    arch->its = arch->gic_version == 3 && abx_device_offered(vm, KVM_DEV_TYPE_ARM_VGIC_ITS);
    abx_kvm_set_cap(caps, ABX_CAP_HYPERCALL_EXITS, abx_device_has(vm, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER));
    close(vm);
    return ABX_OK;
}

static void probe_interrupts(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    const struct abx_kvm_arch_hypervisor *arch = &hypervisor->arch;
    abx_kvm_set_cap(caps, ABX_CAP_IRQCHIP, arch->gic_version);
    abx_kvm_set_cap(caps, ABX_CAP_IRQ_LINES, arch->gic_version);
    static const abx_cap of_controllers[] = { ABX_CAP_IRQ_ROUTING, ABX_CAP_IRQFD, ABX_CAP_IRQFD_RESAMPLE };
    for (size_t i = 0; i < sizeof(of_controllers) / sizeof(of_controllers[0]); i++) {
        if (!arch->gic_version)
            abx_kvm_set_cap(caps, of_controllers[i], false);
    }
    /* Only a VM with an ITS would say so by KVM_CAP_MSI_DEVID. */
    abx_kvm_set_cap(caps, ABX_CAP_MSI, arch->its);
    hypervisor->msi_flags = arch->its ? KVM_MSI_VALID_DEVID : 0;
    if (arch->gic_version == 3)
        caps->max_vcpus = smaller(caps->max_vcpus, MOST_VCPUS);
}

static bool has(const abx_kvm_hypervisor *hypervisor, unsigned long capability)
{
    return abx_kvm_extension(hypervisor->fd, capability) > 0;
}

static void probe_processor(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    struct abx_kvm_arch_hypervisor *arch = &hypervisor->arch;
    abx_kvm_set_cap(caps, ABX_CAP_SYSTEM_EVENT, true);
    abx_kvm_set_cap(caps, ABX_CAP_PSCI, true);
    bool nested = has(hypervisor, KVM_CAP_ARM_EL2);
    abx_kvm_set_cap(caps, ABX_CAP_NESTED, nested);
    if (!nested)
        strncpy(caps->nested_obstacle, abx_nested_obstacle(&abx_nested_this_host), sizeof(caps->nested_obstacle) - 1);
    abx_kvm_set_cap(caps, ABX_CAP_PMU, has(hypervisor, KVM_CAP_ARM_PMU_V3));
    abx_kvm_set_cap(caps, ABX_CAP_SVE, has(hypervisor, KVM_CAP_ARM_SVE));
    /* KVM takes both kinds of keys or none. */
    abx_kvm_set_cap(caps, ABX_CAP_POINTER_AUTH,
                    has(hypervisor, KVM_CAP_ARM_PTRAUTH_ADDRESS) && has(hypervisor, KVM_CAP_ARM_PTRAUTH_GENERIC));
    /* Breakpoints and watchpoints are two kinds here: this many can be of either. */
    caps->breakpoints = smaller((uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_GUEST_DEBUG_HW_BPS),
                                (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_GUEST_DEBUG_HW_WPS));
    abx_kvm_set_cap(caps, ABX_CAP_HW_BREAKPOINTS, caps->breakpoints > 0);
    arch->nisv = has(hypervisor, KVM_CAP_ARM_NISV_TO_USER);
    arch->system_suspend = has(hypervisor, KVM_CAP_ARM_SYSTEM_SUSPEND);
    arch->events = has(hypervisor, KVM_CAP_VCPU_EVENTS);
    arch->serror_syndrome = has(hypervisor, KVM_CAP_ARM_INJECT_SERROR_ESR);
    arch->data_abort = has(hypervisor, KVM_CAP_ARM_INJECT_EXT_DABT);
}

abx_status abx_kvm_arch_open(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    if (!has(hypervisor, KVM_CAP_ARM_PSCI_0_2) || !has(hypervisor, KVM_CAP_ONE_REG))
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 4.13 or newer.", "ask KVM for PSCI and registers");
    hypervisor->arch.ipa_bits = (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_ARM_VM_IPA_SIZE);
    caps->phys_bits = hypervisor->arch.ipa_bits ? hypervisor->arch.ipa_bits : DEFAULT_IPA_BITS;
    abx_status status = probe_vm(hypervisor, caps);
    if (status != ABX_OK)
        return status;
    probe_interrupts(hypervisor, caps);
    probe_processor(hypervisor, caps);
    return ABX_OK;
}

void abx_kvm_arch_close(abx_kvm_hypervisor *hypervisor)
{
    (void)hypervisor;
}
