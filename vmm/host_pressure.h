/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tells when the host is short of memory: Linux, by its pressure stall information (Documentation/accounting/psi.rst);
 * macOS, by its warnings. */
#ifndef ABX_VMM_HOST_PRESSURE_H
#define ABX_VMM_HOST_PRESSURE_H

#include "loop.h"

typedef struct abx_host_pressure abx_host_pressure;

/*
 * Calls `pressed` in `loop` when programs wait for memory more than a little: on Linux at most once in two seconds. In
 * the loop. Errors: ABX_ERR_NOT_SUPPORTED, ABX_ERR_PERMISSION, ABX_ERR_SYSTEM, ABX_ERR_NO_MEMORY, those of
 * abx_loop_watch_new().
 */
abx_status abx_host_pressure_new(abx_host_pressure **out, abx_loop *loop, void (*pressed)(void *argument),
                                 void *argument);

/* In the loop. NULL is allowed. */
void abx_host_pressure_free(abx_host_pressure *pressure);

#endif
