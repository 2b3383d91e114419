/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"
#include "table.h"

static abx_status fetch(const abx_kvm_vcpu *vcpu, struct kvm_vcpu_events *events)
{
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, events), "get pending events");
}

abx_status abx_kvm_get_events(void *object, abx_x86_events *events)
{
    abx_kvm_vcpu *vcpu = object;
    struct kvm_vcpu_events present = { 0 };
    /* Asking may make KVM deliver what comes with a pending exception: DR6, CR2. */
    abx_status status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = fetch(vcpu, &present);
    if (status != ABX_OK)
        return status;
    *events = (abx_x86_events){
        .exception_injected = present.exception.injected,
        .exception_pending = present.exception.pending,
        .exception_has_error_code = present.exception.has_error_code,
        .exception_vector = present.exception.nr,
        .exception_error_code = present.exception.error_code,
        .exception_has_payload = present.exception_has_payload,
        .exception_payload = present.exception_payload,
        .interrupt_injected = present.interrupt.injected,
        .interrupt_soft = present.interrupt.soft,
        .interrupt_vector = present.interrupt.nr,
        .interrupt_shadow = present.interrupt.shadow,
        .nmi_injected = present.nmi.injected,
        .nmi_pending = present.nmi.pending,
        .nmi_masked = present.nmi.masked,
        .smm = present.smi.smm,
        .triple_fault_pending = present.triple_fault.pending,
        .sipi_vector = present.sipi_vector,
    };
    return ABX_OK;
}

/* What the host's KVM cannot take must not get lost in silence. */
static abx_status check_supported(const abx_kvm_vcpu *vcpu, const abx_x86_events *events,
                                  const struct kvm_vcpu_events *present)
{
    const struct abx_kvm_arch_hypervisor *host = &vcpu->vm->hypervisor->arch;
    const char *what = NULL;
    if ((events->exception_pending || events->exception_has_payload) && !host->exception_payload)
        what = "pending exception";
    else if (events->triple_fault_pending && !host->triple_fault_event)
        what = "pending triple fault";
    else if (events->smm && !(present->flags & KVM_VCPUEVENT_VALID_SMM))
        what = "system management mode";
    return what ? abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "this host's KVM does not know it", "set a %s", what) : ABX_OK;
}

/* Changes what `events` knows and keeps the rest, such as a pending SMI. */
static void merge(struct kvm_vcpu_events *present, const abx_x86_events *events)
{
    present->exception.injected = events->exception_injected;
    present->exception.pending = events->exception_pending;
    present->exception.has_error_code = events->exception_has_error_code;
    present->exception.nr = events->exception_vector;
    present->exception.error_code = events->exception_error_code;
    present->exception_has_payload = events->exception_has_payload;
    present->exception_payload = events->exception_payload;
    present->interrupt.injected = events->interrupt_injected;
    present->interrupt.soft = events->interrupt_soft;
    present->interrupt.nr = events->interrupt_vector;
    present->interrupt.shadow = events->interrupt_shadow;
    present->nmi.injected = events->nmi_injected;
    present->nmi.pending = events->nmi_pending;
    present->nmi.masked = events->nmi_masked;
    present->smi.smm = events->smm;
    present->triple_fault.pending = events->triple_fault_pending;
    /* The valid bits for payload, SMM and triple fault are those that KVM_GET_VCPU_EVENTS gave. */
    present->flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
    /* KVM never tells the vector, so that zero may mean any. */
    if (events->sipi_vector) {
        present->sipi_vector = events->sipi_vector;
        present->flags |= KVM_VCPUEVENT_VALID_SIPI_VECTOR;
    }
}

abx_status abx_kvm_set_events(void *object, const abx_x86_events *events)
{
    abx_kvm_vcpu *vcpu = object;
    struct kvm_vcpu_events present = { 0 };
    /* Setting registers later would drop a pending exception. */
    abx_status status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = fetch(vcpu, &present);
    if (status == ABX_OK)
        status = check_supported(vcpu, events, &present);
    if (status != ABX_OK)
        return status;
    merge(&present, events);
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &present), "set pending events");
}
