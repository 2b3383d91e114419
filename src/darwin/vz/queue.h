/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The serial queue of one VM. The framework wants every call on a VM, reads included, to be made on it, and ends the
 * process otherwise.
 */
#ifndef ABX_SRC_DARWIN_VZ_QUEUE_H
#define ABX_SRC_DARWIN_VZ_QUEUE_H

#include "objc_abi.h"

#include <arcbox/error.h>

/* On success `*out` is the caller's: dispatch_release(). */
abx_status abx_vz_queue_new(dispatch_queue_t *out);

/* Calls work(context) on the queue, within an autorelease pool, and returns when it is done. Any thread. */
void abx_vz_queue_call(dispatch_queue_t queue, void (*work)(void *context), void *context);

/*
 * For calls that wait for what happens on the queue: refuses them to a caller who is on it, with ABX_ERR_THREAD. Such a
 * one is an observer of the VM's events.
 */
abx_status abx_vz_queue_may_wait(dispatch_queue_t queue, const char *operation);

#endif
