/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All of a vCPU's state: what KVM_GET_REG_LIST names, pending events and the MP state. Fetched from one vCPU, stored
 * into another. */
#ifndef ABX_SRC_LINUX_ARM64_VCPU_IMAGE_H
#define ABX_SRC_LINUX_ARM64_VCPU_IMAGE_H

#include "linux/kvm_registers.h"
#include "linux/state_block.h"

typedef struct abx_vcpu_image {
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
} abx_vcpu_image;

/* Room for an image of `vcpu`; abx_vcpu_image_free(). Errors: ABX_ERR_NO_MEMORY, and as abx_kvm_check(). */
abx_status abx_vcpu_image_new(abx_vcpu_image **out, const abx_kvm_vcpu *vcpu);
void abx_vcpu_image_free(abx_vcpu_image *image);

/* Errors: as abx_kvm_check(). */
abx_status abx_vcpu_image_fetch(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);
abx_status abx_vcpu_image_store(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);

/* vcpu_image_block.c: as a block of bytes. Returns the bytes needed; they are there if they are at most `capacity`. */
size_t abx_vcpu_image_write(const abx_vcpu_image *image, void *buffer, size_t capacity);

/*
 * vcpu_image_block.c: back from a block of bytes, which may come from anywhere, into an image that is for `vcpu`: of
 * its features, registers and processor. Errors, the image then holding anything: ABX_ERR_FORMAT, as abx_kvm_check().
 */
abx_status abx_vcpu_image_read(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu, const void *block, size_t size);

/* vcpu_image_block.c. Whether register `id` of KVM's tells what the vCPU is, and is never written. */
bool abx_vcpu_image_is_identity(uint64_t id);

#endif
