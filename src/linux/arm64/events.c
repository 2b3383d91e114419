/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "table.h"

#define ISS_MASK UINT64_C(0x1ffffff) /* of ESR_ELx (D19.2) */

static abx_status require_events(const abx_kvm_vcpu *vcpu, const char *operation)
{
    if (vcpu->vm->hypervisor->arch.events)
        return ABX_OK;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 4.19 or newer.", "%s", operation);
}

abx_status abx_kvm_get_events(void *object, abx_arm64_events *events)
{
    static const char operation[] = "get pending events";
    const abx_kvm_vcpu *vcpu = object;
    struct kvm_vcpu_events present = { 0 };
    abx_status status = require_events(vcpu, operation);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &present), operation);
    if (status != ABX_OK)
        return status;
    *events = (abx_arm64_events){
        .serror_pending = present.exception.serror_pending,
        .serror_has_syndrome = present.exception.serror_has_esr,
        .serror_syndrome = present.exception.serror_esr,
        .data_abort_pending = present.exception.ext_dabt_pending,
    };
    return ABX_OK;
}

/* What the host's KVM cannot take must not get lost in silence. */
static abx_status check_supported(const abx_kvm_vcpu *vcpu, const abx_arm64_events *events)
{
    const struct abx_kvm_arch_hypervisor *host = &vcpu->vm->hypervisor->arch;
    if (events->serror_has_syndrome && !host->serror_syndrome)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "this host's processor has no RAS extension",
                        "set an SError's syndrome");
    if (events->data_abort_pending && !host->data_abort)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 5.5 or newer.", "set an external data abort");
    if (events->serror_syndrome & ~ISS_MASK)
        return abx_fail(ABX_ERR_INVALID, 0, "A syndrome has 25 bits.", "set an SError's syndrome");
    return ABX_OK;
}

abx_status abx_kvm_set_events(void *object, const abx_arm64_events *events)
{
    static const char operation[] = "set pending events";
    const abx_kvm_vcpu *vcpu = object;
    abx_status status = require_events(vcpu, operation);
    if (status == ABX_OK)
        status = check_supported(vcpu, events);
    if (status != ABX_OK)
        return status;
    const struct kvm_vcpu_events wanted = {
        .exception.serror_pending = events->serror_pending,
        .exception.serror_has_esr = events->serror_has_syndrome,
        .exception.serror_esr = events->serror_has_syndrome ? events->serror_syndrome : 0,
        .exception.ext_dabt_pending = events->data_abort_pending,
    };
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &wanted), operation);
}
