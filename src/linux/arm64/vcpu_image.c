/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vcpu_image.h"
#include "register_access.h"
#include "register_list.h"
#include "register_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static abx_status no_memory(const abx_kvm_vcpu *vcpu)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold the state of vCPU %u", vcpu->id);
}

static size_t size_of_values(const uint64_t *ids, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += KVM_REG_SIZE(ids[i]);
    return size;
}

abx_status abx_vcpu_image_new(abx_vcpu_image **out, const abx_kvm_vcpu *vcpu)
{
    struct kvm_reg_list *list = NULL;
    abx_status status = abx_register_list(vcpu, &list);
    if (!list)
        return status;
    size_t ids = list->n * sizeof(list->reg[0]);
    size_t most = size_of_values((const uint64_t *)list->reg, list->n);
    abx_vcpu_image *image = calloc(1, sizeof(*image) + ids + most);
    if (!image) {
        free(list);
        return no_memory(vcpu);
    }
    image->list = list;
    image->capacity = list->n;
    image->most = most;
    image->ids = (uint64_t *)(image + 1);
    image->values = (uint8_t *)image->ids + ids;
    *out = image;
    return ABX_OK;
}

void abx_vcpu_image_free(abx_vcpu_image *image)
{
    free(image->list);
    free(image);
}

static abx_status fetch_registers(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    uint8_t *value = image->values;
    for (size_t i = 0; i < image->capacity; i++) {
        image->ids[i] = image->list->reg[i];
        int result = abx_register_get(vcpu->fd, image->ids[i], value);
        if (result < 0)
            return abx_kvm_check(result, "get KVM's register %#" PRIx64, image->ids[i]);
        value += KVM_REG_SIZE(image->ids[i]);
    }
    image->count = image->capacity;
    image->size = image->most;
    return ABX_OK;
}

abx_status abx_vcpu_image_fetch(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    image->init = vcpu->arch.init;
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_MP_STATE, &image->mp_state), "get the MP state");
    if (status == ABX_OK && vcpu->vm->hypervisor->arch.events)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &image->events), "get pending events");
    return status == ABX_OK ? fetch_registers(image, vcpu) : status;
}

/* A register that cannot be written is no trouble as long as it has the value that it shall have. */
static bool is_equal(const abx_kvm_vcpu *vcpu, uint64_t id, const uint8_t *wanted)
{
    uint8_t present[ABX_REGISTER_MOST];
    return abx_register_get(vcpu->fd, id, present) >= 0 && memcmp(present, wanted, KVM_REG_SIZE(id)) == 0;
}

static abx_status store_registers(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    const uint8_t *value = image->values;
    for (size_t i = 0; i < image->count; value += KVM_REG_SIZE(image->ids[i]), i++) {
        if (abx_vcpu_image_is_identity(image->ids[i]))
            continue;
        int result = abx_register_set(vcpu->fd, image->ids[i], value);
        if (result < 0 && !is_equal(vcpu, image->ids[i], value))
            return abx_kvm_check(result, "set KVM's register %#" PRIx64, image->ids[i]);
    }
    return ABX_OK;
}

abx_status abx_vcpu_image_store(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    abx_status status = store_registers(image, vcpu);
    if (status == ABX_OK && vcpu->vm->hypervisor->arch.events)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &image->events), "set pending events");
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, &image->mp_state), "set the MP state");
    return status;
}
