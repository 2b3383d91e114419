/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"

#include <errno.h>
#include <stdlib.h>

static abx_status new_image(abx_hvf_image **out, const char *operation)
{
    *out = calloc(1, sizeof(**out));
    return *out ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "%s", operation);
}

abx_status abx_hvf_vcpu_save_state(void *object, void *buffer, size_t capacity, size_t *size)
{
    abx_hvf_vcpu *vcpu = object;
    abx_hvf_image *image;
    abx_status status = new_image(&image, "save a vCPU's state");
    if (status != ABX_OK)
        return status;
    status = abx_hvf_vcpu_complete_io(vcpu);
    if (status == ABX_OK)
        status = abx_hvf_image_fetch(image, vcpu);
    if (status == ABX_OK) {
        size_t needed = abx_hvf_image_write(image, NULL, 0);
        if (needed <= capacity)
            abx_hvf_image_write(image, buffer, capacity);
        else if (capacity > 0)
            status = abx_fail(ABX_ERR_LIMIT, 0, NULL, "save %zu bytes of a vCPU's state into %zu", needed, capacity);
        *size = needed;
    }
    free(image);
    return status;
}

abx_status abx_hvf_vcpu_restore_state(void *object, const void *buffer, size_t size)
{
    abx_hvf_vcpu *vcpu = object;
    abx_hvf_image *image;
    abx_status status = new_image(&image, "restore a vCPU's state");
    if (status != ABX_OK)
        return status;
    status = abx_hvf_image_read(image, &vcpu->initial, buffer, size);
    if (status == ABX_OK)
        status = abx_hvf_image_store(image, vcpu);
    if (status == ABX_OK) {
        abx_hvf_clock_set(&vcpu->vm->clock, image->rest.count);
        abx_hvf_vcpus_turn(vcpu->vm, vcpu);
    }
    free(image);
    return status;
}

abx_status abx_hvf_reset(void *object)
{
    abx_hvf_vcpu *vcpu = object;
    vcpu->irq = vcpu->fiq = false;
    return abx_hvf_image_store(&vcpu->initial, vcpu);
}
