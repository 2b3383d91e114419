/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_backend.h"

/*
 * Three pages for a task state segment and one for an identity map, which Intel processors without "unrestricted guest"
 * need for real mode. They lie in the device hole, below the 16 MiB under 4 GiB that firmware may take.
 */
enum { IDENTITY_MAP = 0xfeffc000u, TASK_STATE = 0xfeffd000u };

enum { IOAPIC_PINS = 24 };

unsigned long abx_kvm_arch_vm_type(const abx_kvm_hypervisor *hypervisor)
{
    (void)hypervisor;
    return 0;
}

uint32_t abx_kvm_arch_line(uint32_t gsi)
{
    return gsi;
}

abx_status abx_kvm_arch_vm_create(abx_kvm_vm *vm)
{
    const abx_kvm_hypervisor *hypervisor = vm->hypervisor;
    const struct {
        bool wanted;
        uint32_t capability;
        uint64_t argument;
        const char *operation;
    } settings[] = {
        { vm->config->msr_exits, KVM_CAP_X86_USER_SPACE_MSR,
          KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN | KVM_MSR_EXIT_REASON_FILTER, "ask for MSR exits" },
        { vm->config->hypercall_exits, KVM_CAP_EXIT_HYPERCALL, hypervisor->arch.hypercalls, "ask for hypercall exits" },
        { hypervisor->arch.exception_payload, KVM_CAP_EXCEPTION_PAYLOAD, 1, "ask for payloads of exceptions" },
        { hypervisor->arch.triple_fault_event, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1, "ask for pending triple faults" },
        /* APIC ids of 255 and more fit neither the old layout of messages nor that of the local APIC's state. */
        { vm->config->cpus > 255, KVM_CAP_X2APIC_API,
          KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK, "ask for wide APIC ids" },
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (!settings[i].wanted)
            continue;
        int result = abx_kvm_enable(vm->fd, settings[i].capability, settings[i].argument);
        if (result < 0)
            return abx_kvm_check(result, "%s", settings[i].operation);
    }
    vm->arch.trap_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return ABX_OK;
}

void abx_kvm_arch_vm_destroy(abx_kvm_vm *vm)
{
    pthread_mutex_destroy(&vm->arch.trap_lock);
}

static abx_status create_irqchip(const abx_kvm_vm *vm)
{
    switch (vm->config->irqchip) {
    case ABX_IRQCHIP_NONE:
        return ABX_OK;
    case ABX_IRQCHIP_SPLIT:
        return abx_kvm_check(abx_kvm_enable(vm->fd, KVM_CAP_SPLIT_IRQCHIP, IOAPIC_PINS),
                             "create local interrupt controllers");
    case ABX_IRQCHIP_DEFAULT:
    case ABX_IRQCHIP_KERNEL:
        break;
    }
    abx_status status =
        abx_kvm_check(abx_kvm_ioctl_value(vm->fd, KVM_CREATE_IRQCHIP, 0), "create interrupt controllers");
    if (status != ABX_OK || vm->config->pit != ABX_YES)
        return status;
    /* With the speaker's port, by which guests calibrate their clocks against the timer. */
    const struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
    return abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_CREATE_PIT2, &pit), "create an interval timer");
}

abx_status abx_kvm_arch_vm_seal(abx_kvm_vm *vm)
{
    abx_status status =
        abx_kvm_check(abx_kvm_ioctl_value(vm->fd, KVM_SET_TSS_ADDR, TASK_STATE), "place the task state segment");
    if (status != ABX_OK)
        return status;
    const uint64_t identity_map = IDENTITY_MAP;
    status = abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map), "place the identity map");
    if (status != ABX_OK)
        return status;
    return create_irqchip(vm);
}
