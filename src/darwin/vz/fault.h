/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What went wrong in the framework, as a value: faults come up on the VM's queue, and are reported by the thread that
 * asked.
 */
#ifndef ABX_SRC_DARWIN_VZ_FAULT_H
#define ABX_SRC_DARWIN_VZ_FAULT_H

#include "objc_abi.h"

#include <arcbox/error.h>

typedef struct abx_vz_fault {
    abx_status status; /* ABX_OK: nothing went wrong */
    int os_error;      /* errno, where the framework passed one on */
    char text[512];    /* what the framework says, with domain and code, and advice; sentences */
} abx_vz_fault;

/* From an NSError. NULL, which the framework must not give for an error, is a fault without words. */
void abx_vz_fault_from(abx_vz_fault *fault, id error);

/* A fault of our own. `text` is a printf format. */
void abx_vz_fault_set(abx_vz_fault *fault, abx_status status, const char *text, ...) ABX_PRINTF(3, 4);

/* Records it as this thread's failure and returns its status; ABX_OK when there is none. */
abx_status abx_vz_fault_report(const abx_vz_fault *fault, const char *operation);

#endif
