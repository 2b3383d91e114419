/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the core's own files know of a vCPU. */
#ifndef ABX_SRC_VCPU_INTERNAL_H
#define ABX_SRC_VCPU_INTERNAL_H

#include "vm_internal.h"

struct abx_vcpu {
    /* What every run touches. */
    abx_passenger passenger;
    abx_gate *gate;
    const void *owner; /* the thread: see abx_vcpu_is_mine() */
    void *object;      /* the backend's */
    abx_status (*run)(void *object, abx_exit *exit);
    /* The rest. */
    atomic_bool kicked; /* and no run has ended with it yet */
    const abx_backend *backend;
    abx_vm *vm;
};

/* Whether the calling thread is the one that created it. */
bool abx_vcpu_is_mine(const abx_vcpu *vcpu);

/*
 * What every call on a vCPU checks first: `valid` sums up the arguments, the thread must be the owner, `cap` and the
 * function at `offset` of the backend's table must be there. ABX_CAP_COUNT: no bit stands for it. Errors:
 * ABX_ERR_INVALID, ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED.
 */
abx_status abx_vcpu_check(const abx_vcpu *vcpu, bool valid, abx_cap cap, size_t offset, const char *operation);

/* After a call of the backend that completes I/O and so may have used up a kick: gives it back to the next run. */
void abx_vcpu_rekick(abx_vcpu *vcpu);

#endif
