/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debugging from outside takes the vCPU's debug registers (DDI 0487, D19.3). What the guest has in them is put aside,
 * and what it writes meanwhile goes there.
 */
#ifndef ABX_DARWIN_HVF_DEBUG_REGISTERS_H
#define ABX_DARWIN_HVF_DEBUG_REGISTERS_H

#include "hv_api.h"

#include <arcbox/debug.h>

enum { ABX_DEBUG_MOST = 16 };

typedef struct abx_debug_registers {
    uint64_t mdscr;                                    /* MDSCR_EL1 */
    uint64_t bvr[ABX_DEBUG_MOST], bcr[ABX_DEBUG_MOST]; /* DBGBVR<n>_EL1, DBGBCR<n>_EL1 */
    uint64_t wvr[ABX_DEBUG_MOST], wcr[ABX_DEBUG_MOST]; /* DBGWVR<n>_EL1, DBGWCR<n>_EL1 */
} abx_debug_registers;

typedef struct abx_debug_state {
    bool on; /* the registers are the debugger's; `guest` has the guest's own */
    bool single_step;
    bool software_breakpoints;
    bool stepped; /* the instruction was executed here and not by the processor */
    abx_debug_registers guest;
} abx_debug_state;

#define ABX_DEBUG_PSTATE_SS (UINT64_C(1) << 21)

/* debug_control.c. Pure. */

/* The registers for `config`, which is valid and has at most as many breakpoints as there are of each kind. */
abx_debug_registers abx_debug_encode(const abx_debug_config *config);

/* The place of system register `number`, or NULL. */
uint64_t *abx_debug_register(abx_debug_registers *registers, uint32_t number);

/* debug.c. Before an entry with single step: whether the next instruction is still to be executed. Errors: as
 * abx_hv_check(). */
abx_status abx_debug_arm_step(abx_debug_state *debug, hv_vcpu_t id);

#endif
