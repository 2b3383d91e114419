/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All of a vCPU's state: fetched from one vCPU, stored into another, and a block of bytes in between. */
#ifndef ABX_DARWIN_HVF_IMAGE_H
#define ABX_DARWIN_HVF_IMAGE_H

#include "hv_api.h"
#include "sysreg_table.h"

#include <arcbox/registers.h>

enum { ABX_IMAGE_GENERAL = HV_REG_CPSR + 1, ABX_IMAGE_VECTORS = 32 };

/* What is no register. In a block as it is here. */
typedef struct abx_image_rest {
    uint64_t count; /* of the virtual counter, which is the VM's */
    uint64_t serror_syndrome;
    uint32_t mp_state;
    uint8_t timer_masked;
    uint8_t serror;
    uint8_t serror_has_syndrome;
    uint8_t zero;
} abx_image_rest;
_Static_assert(sizeof(abx_image_rest) == 24, "no gaps");

typedef struct abx_hvf_image {
    uint64_t general[ABX_IMAGE_GENERAL]; /* by hv_reg_t */
    hv_simd_fp_uchar16_t vectors[ABX_IMAGE_VECTORS];
    abx_sysreg_set sysregs; /* whose values follow */
    uint64_t values[ABX_SYSREGS];
    abx_image_rest rest;
} abx_hvf_image;

struct abx_hvf_vcpu;

/* Errors: as abx_hv_check(). */
abx_status abx_hvf_image_fetch(abx_hvf_image *image, struct abx_hvf_vcpu *vcpu);

/* All but the virtual counter. Errors: as abx_hv_check(). */
abx_status abx_hvf_image_store(const abx_hvf_image *image, struct abx_hvf_vcpu *vcpu);

/* image_block.c. Pure. As a block of bytes: returns the bytes needed, which are there if they are at most `capacity`.
 */
size_t abx_hvf_image_write(const abx_hvf_image *image, void *buffer, size_t capacity);

/*
 * Back from a block of bytes, which may come from anywhere, for a vCPU that is as `own` tells: its registers, and what
 * they say of the processor. Errors, `*image` then holding anything: ABX_ERR_FORMAT.
 */
abx_status abx_hvf_image_read(abx_hvf_image *image, const abx_hvf_image *own, const void *block, size_t size);

#endif
