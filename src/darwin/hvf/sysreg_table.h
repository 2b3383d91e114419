/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which system registers make up a vCPU's state, by ABX_ARM64_SYSREG_NUMBER(). */
#ifndef ABX_DARWIN_HVF_SYSREG_TABLE_H
#define ABX_DARWIN_HVF_SYSREG_TABLE_H

#include "hv_api.h"

#include <arcbox/arm64.h>

enum {
    ABX_SYSREG_SP_EL0 = ABX_ARM64_SYSREG_NUMBER(3, 0, 4, 1, 0),
    ABX_SYSREG_SP_EL1 = ABX_ARM64_SYSREG_NUMBER(3, 4, 4, 1, 0),
    ABX_SYSREG_SPSR_EL1 = ABX_ARM64_SYSREG_NUMBER(3, 0, 4, 0, 0),
    ABX_SYSREG_ELR_EL1 = ABX_ARM64_SYSREG_NUMBER(3, 0, 4, 0, 1),
    ABX_SYSREG_MDSCR_EL1 = ABX_ARM64_SYSREG_NUMBER(2, 0, 0, 2, 2),
    ABX_SYSREG_ID_AA64PFR0_EL1 = ABX_ARM64_SYSREG_NUMBER(3, 0, 0, 4, 0),
};

enum { ABX_SYSREGS = 192 }; /* the most there can be */

typedef struct abx_sysreg_set {
    uint16_t numbers[ABX_SYSREGS];
    size_t count;
} abx_sysreg_set;

/* What the framework has to offer beyond the plain processor. */
typedef struct abx_sysreg_features {
    uint32_t breakpoints; /* 0 to 16, and watchpoints */
    uint32_t watchpoints;
    bool gic;
    bool el2;
} abx_sysreg_features;

/* All that there can be with `features`, in the order in which they are restored. Pure. */
void abx_sysreg_set_fill(abx_sysreg_set *set, const abx_sysreg_features *features);

/* Whether register `number` tells what the processor is, and is never restored. Pure. */
bool abx_sysreg_is_identity(uint32_t number);

/* Whether it belongs to the GIC's interface in the vCPU. Pure. */
bool abx_sysreg_is_gic(uint32_t number);

#endif
