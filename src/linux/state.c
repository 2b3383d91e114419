/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "state.h"

abx_status abx_kvm_vcpu_save_state(void *object, void *buffer, size_t capacity, size_t *size)
{
    abx_kvm_vcpu *vcpu = object;
    abx_vcpu_image *image;
    abx_status status = abx_vcpu_image_new(&image, vcpu);
    if (status != ABX_OK)
        return status;
    status = abx_kvm_vcpu_complete_io(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = abx_vcpu_image_fetch(image, vcpu);
    if (status == ABX_OK) {
        size_t needed = abx_vcpu_image_write(image, NULL, 0);
        if (needed <= capacity)
            abx_vcpu_image_write(image, buffer, capacity);
        else if (capacity > 0)
            status = abx_fail(ABX_ERR_LIMIT, 0, NULL, "save %zu bytes of a vCPU's state into %zu", needed, capacity);
        *size = needed;
    }
    abx_vcpu_image_free(image);
    return status;
}

abx_status abx_kvm_vcpu_restore_state(void *object, const void *buffer, size_t size)
{
    abx_kvm_vcpu *vcpu = object;
    abx_vcpu_image *image;
    abx_status status = abx_vcpu_image_new(&image, vcpu);
    if (status != ABX_OK)
        return status;
    status = abx_vcpu_image_read(image, vcpu, buffer, size);
    /* The next run must not finish an access of the life before. */
    if (status == ABX_OK)
        status = abx_kvm_vcpu_complete_io(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = abx_vcpu_image_store(image, vcpu);
    abx_vcpu_image_free(image);
    return status;
}
