/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vcpu_image.h"
#include "cpuid.h"
#include "xsave.h"

#include <errno.h>
#include <stdlib.h>

static size_t round_up(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

static abx_status nested_capacity(const abx_kvm_vcpu *vcpu, size_t *capacity)
{
    int most = 0;
    /* KVM says the largest size there can be. */
    if (vcpu->vm->config->nested == ABX_YES)
        most = abx_kvm_ioctl_value(vcpu->vm->hypervisor->fd, KVM_CHECK_EXTENSION, KVM_CAP_NESTED_STATE);
    if (most < 0)
        return abx_kvm_check(most, "ask for the size of the state of nested guests");
    *capacity = (size_t)most;
    return ABX_OK;
}

abx_status abx_vcpu_image_new(abx_vcpu_image **out, const abx_kvm_vcpu *vcpu)
{
    size_t msrs = vcpu->vm->hypervisor->arch.msrs->nmsrs;
    size_t xsave_size = 0;
    size_t nested = 0;
    abx_status status = abx_xsave_size(vcpu->vm, &xsave_size);
    if (status == ABX_OK)
        status = nested_capacity(vcpu, &nested);
    if (status != ABX_OK)
        return status;
    size_t head = round_up(sizeof(abx_vcpu_image));
    size_t msr_room = round_up(msrs * sizeof(struct kvm_msr_entry));
    uint8_t *room = calloc(1, head + msr_room + round_up(xsave_size) + nested);
    if (!room)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold the state of vCPU %u", vcpu->id);
    abx_vcpu_image *image = (void *)room;
    image->has_sregs2 = vcpu->vm->hypervisor->arch.sregs2;
    image->has_lapic = vcpu->vm->config->irqchip != ABX_IRQCHIP_NONE;
    image->msrs = (void *)(room + head);
    image->msr_capacity = msrs;
    image->xsave = room + head + msr_room;
    image->xsave_size = xsave_size;
    image->nested_capacity = nested;
    if (nested >= sizeof(struct kvm_nested_state))
        image->nested = (void *)(image->xsave + round_up(xsave_size));
    *out = image;
    return ABX_OK;
}

void abx_vcpu_image_free(abx_vcpu_image *image)
{
    free(image);
}

abx_status abx_vcpu_image_read(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu, const void *block, size_t size)
{
    abx_cpuid_table present;
    abx_status status = abx_cpuid_fetch(vcpu, &present);
    if (status != ABX_OK)
        return status;
    return abx_vcpu_image_parse(image, vcpu->vm->hypervisor, &present.kvm, block, size);
}
