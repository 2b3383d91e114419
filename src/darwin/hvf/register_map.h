/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the library's names of registers to the framework's. Pure: no calls of the framework. */
#ifndef ABX_DARWIN_HVF_REGISTER_MAP_H
#define ABX_DARWIN_HVF_REGISTER_MAP_H

#include <arcbox/arm64.h>

typedef enum abx_place_kind {
    ABX_PLACE_GENERAL, /* number: hv_reg_t */
    ABX_PLACE_VECTOR,  /* number: hv_simd_fp_reg_t; `upper` half */
    ABX_PLACE_SYSREG,  /* number: hv_sys_reg_t */
} abx_place_kind;

typedef struct abx_place {
    abx_place_kind kind;
    uint32_t number;
    bool upper;  /* VECTOR */
    bool narrow; /* 32 bits */
} abx_place;

/* False when ARM64 has no register of this name, or the framework does not (SVE). */
bool abx_register_place(abx_reg name, abx_place *place);

#endif
