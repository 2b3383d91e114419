/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid.h"
#include "msr_batch.h"
#include "vcpu_image.h"

#include <errno.h>
#include <string.h>

static abx_status fetch_msrs(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    const struct kvm_msr_list *list = vcpu->vm->hypervisor->arch.msrs;
    for (size_t i = 0; i < image->msr_capacity; i++)
        image->msrs[i] = (struct kvm_msr_entry){ .index = list->indices[i] };
    /* The host lists more than a vCPU without some of its features has. */
    return abx_msr_read_known(vcpu->fd, image->msrs, image->msr_capacity, &image->msr_count);
}

static abx_status fetch_nested(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    if (!image->nested)
        return ABX_OK;
    image->nested->size = (uint32_t)image->nested_capacity;
    abx_status status =
        abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_NESTED_STATE, image->nested), "get the state of nested guests");
    if (status == ABX_OK && image->nested->size > image->nested_capacity)
        status = abx_kvm_check(-EPROTO, "get the state of nested guests");
    if (status == ABX_OK)
        image->nested_size = image->nested->size;
    return status;
}

/* MP state and events first: asking for them may change registers. */
static abx_status fetch_structures(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    const struct {
        bool wanted;
        unsigned long request;
        void *room;
        const char *what;
    } parts[] = {
        { true, KVM_GET_MP_STATE, &image->mp_state, "MP state" },
        { true, KVM_GET_VCPU_EVENTS, &image->events, "pending events" },
        { true, KVM_GET_REGS, &image->general, "registers" },
        { !image->has_sregs2, KVM_GET_SREGS, &image->sregs, "system registers" },
        { image->has_sregs2, KVM_GET_SREGS2, &image->sregs2, "system registers" },
        { true, KVM_GET_DEBUGREGS, &image->debug, "debug registers" },
        { true, KVM_GET_XCRS, &image->xcrs, "extended control registers" },
        { true, vcpu->vm->hypervisor->arch.xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, image->xsave, "XSAVE state" },
        { image->has_lapic, KVM_GET_LAPIC, &image->lapic, "local APIC" },
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!parts[i].wanted)
            continue;
        int result = abx_kvm_ioctl(vcpu->fd, parts[i].request, parts[i].room);
        if (result < 0)
            return abx_kvm_check(result, "get a vCPU's %s", parts[i].what);
    }
    return ABX_OK;
}

abx_status abx_vcpu_image_fetch(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    abx_status status = fetch_structures(image, vcpu);
    if (status == ABX_OK)
        status = abx_cpuid_fetch(vcpu, &image->cpuid);
    if (status == ABX_OK)
        status = fetch_msrs(image, vcpu);
    if (status == ABX_OK)
        status = fetch_nested(image, vcpu);
    int khz = abx_kvm_ioctl_value(vcpu->fd, KVM_GET_TSC_KHZ, 0);
    image->tsc_khz = khz > 0 ? (uint32_t)khz : 0;
    return status;
}
