/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A change of the machine's state that ends with a completion handler: checked, begun on the queue, waited for. */
#ifndef ABX_SRC_DARWIN_VZ_TRANSITION_H
#define ABX_SRC_DARWIN_VZ_TRANSITION_H

#include "vm_object.h"

typedef struct abx_vz_transition {
    const char *operation;       /* for the error record */
    bool (*allowed)(id machine); /* whether its state allows it */
    void (*send)(id machine, const void *handler);
    void (*send_url)(id machine, id url, const void *handler); /* in place of send, with `path` */
    const char *path;
    int timeout_ms;
} abx_vz_transition;

/*
 * Runs it. `*begun` says whether the framework was asked at all; `*fault` is filled in, with status ABX_OK on success.
 * Not on the queue. Errors: ABX_ERR_STATE, ABX_ERR_INVALID (path), ABX_ERR_TIMEOUT, ABX_ERR_THREAD,
 * ABX_ERR_NO_MEMORY, and what the framework gives.
 */
abx_status abx_vz_transition_run(abx_vz_vm *vm, const abx_vz_transition *transition, bool *begun, abx_vz_fault *fault);

#endif
