/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU's state (linux/state.h) is what KVM_GET_REG_LIST names, pending events and the MP state. */
#ifndef ABX_SRC_LINUX_ARM64_VCPU_IMAGE_H
#define ABX_SRC_LINUX_ARM64_VCPU_IMAGE_H

#include "linux/state.h"
#include "state_block.h"

struct abx_vcpu_image {
    struct kvm_vcpu_init init;
    struct kvm_mp_state mp_state;
    struct kvm_vcpu_events events;
    uint64_t *ids;   /* of registers, `capacity` of them in the list of the vCPU that the image was made for */
    uint8_t *values; /* of `count` registers, in the order of ids, without gaps */
    size_t count;
    size_t size; /* of values */
    size_t capacity;
    size_t most;               /* room in values */
    struct kvm_reg_list *list; /* the vCPU's own */
};

/* vcpu_image_block.c. Whether register `id` of KVM's tells what the vCPU is, and is never written. */
bool abx_vcpu_image_is_identity(uint64_t id);

#endif
