/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * All of a vCPU's state in KVM's own structures: fetched from one vCPU, stored into another, and a block of bytes in
 * between. Each architecture's directory has the structure and these functions; state.c goes through them.
 */
#ifndef ABX_SRC_LINUX_STATE_H
#define ABX_SRC_LINUX_STATE_H

#include "kvm_registers.h"

typedef struct abx_vcpu_image abx_vcpu_image;

/* Room for an image of `vcpu`; abx_vcpu_image_free(). Errors: ABX_ERR_NO_MEMORY, and as abx_kvm_check(). */
abx_status abx_vcpu_image_new(abx_vcpu_image **out, const abx_kvm_vcpu *vcpu);
void abx_vcpu_image_free(abx_vcpu_image *image);

/* Registers are settled by now. Errors: as abx_kvm_check(). */
abx_status abx_vcpu_image_fetch(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);
abx_status abx_vcpu_image_store(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);

/* As a block of bytes. Returns the bytes needed; they are there if they are at most `capacity`. */
size_t abx_vcpu_image_write(const abx_vcpu_image *image, void *buffer, size_t capacity);

/*
 * Back from a block of bytes, which may come from anywhere, into an image that `vcpu` can take. Errors, the image then
 * holding anything: ABX_ERR_FORMAT, as abx_kvm_check().
 */
abx_status abx_vcpu_image_read(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu, const void *block, size_t size);

#endif
