/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the registers of <arcbox/arm64.h> are among those of KVM. Pure: no system calls. */
#ifndef ABX_SRC_LINUX_ARM64_REGISTER_MAP_H
#define ABX_SRC_LINUX_ARM64_REGISTER_MAP_H

#include <arcbox/arm64.h>

/* The most bytes that a register of KVM's has: a Z register. */
enum { ABX_REGISTER_MOST = 256 };

/* `width` bytes at `offset` of KVM's register `id`, which may be larger. */
typedef struct abx_register_place {
    uint64_t id;
    uint32_t offset;
    uint32_t width;
} abx_register_place;

/*
 * The place of register `name` in a vCPU with or without SVE: with it, KVM has Vn as the beginning of Zn only. False,
 * and nothing is changed, if ARM64 has no register of this name. Of system registers, any encoding has a place.
 */
bool abx_arm64_register_place(abx_reg name, bool sve, abx_register_place *place);

#endif
