/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Debugging a guest from outside: single step, hardware breakpoints and watchpoints. They come out as ABX_EXIT_DEBUG.
 */
#ifndef ARCBOX_DEBUG_H
#define ARCBOX_DEBUG_H

#include <arcbox/vcpu.h>

ABX_BEGIN_DECLS

typedef enum abx_breakpoint_kind {
    ABX_BREAK_EXECUTE = 0,
    ABX_BREAK_WRITE,
    ABX_BREAK_ACCESS, /* read or write */
} abx_breakpoint_kind;

typedef struct abx_breakpoint {
    uint64_t address; /* guest virtual */
    uint32_t length;  /* of watched data: 1, 2, 4 or 8, and address a multiple of it; 1 for EXECUTE */
    abx_breakpoint_kind kind;
} abx_breakpoint;

typedef struct abx_debug_config {
    size_t size;               /* set by ABX_DEBUG_CONFIG_INIT */
    bool single_step;          /* an exit after each instruction */
    bool software_breakpoints; /* the guest's breakpoint instructions come out, instead of going to the guest */
    const abx_breakpoint *breakpoints;
    size_t breakpoint_count; /* at most capabilities.breakpoints */
} abx_debug_config;

#define ABX_DEBUG_CONFIG_INIT                                                                                          \
    {                                                                                                                  \
        .size = sizeof(abx_debug_config)                                                                               \
    }

/* Bits of abx_exit_debug.dr6 on x86_64 (SDM vol. 3, 17.2.3). */
#define ABX_DEBUG_DR6_BREAKPOINT(n) (UINT64_C(1) << (n))
#define ABX_DEBUG_DR6_SINGLE_STEP   (UINT64_C(1) << 14)

/*
 * Sets what is debugged from the next run on; NULL ends debugging. Replaces what was set before. The owning thread
 * only. Errors: ABX_ERR_INVALID (length, alignment), ABX_ERR_THREAD, ABX_ERR_LIMIT (too many breakpoints),
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_set_debug(abx_vcpu *vcpu, const abx_debug_config *config) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
