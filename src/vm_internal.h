/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the core's own files know of a VM. */
#ifndef ABX_SRC_VM_INTERNAL_H
#define ABX_SRC_VM_INTERNAL_H

#include "event_queue.h"
#include "gate.h"
#include "memory_space.h"
#include "vsock_listeners.h"

/* The regions of `vm`; NULL for a managed VM. */
abx_memory_space *abx_vm_memory_space(const abx_vm *vm);

/* The backend's table and the backend's own object behind `vm`. */
const abx_backend *abx_vm_backend(const abx_vm *vm);
void *abx_vm_backend_object(const abx_vm *vm);

/* Its events and the gate that its vCPUs pass. */
abx_event_queue *abx_vm_events(abx_vm *vm);
abx_gate *abx_vm_gate(abx_vm *vm);
abx_vsock_listeners *abx_vm_listeners(abx_vm *vm);

/* One more user of the VM's resources. The last abx_vm_release() gives them back. */
void abx_vm_hold(abx_vm *vm);
void abx_vm_release(abx_vm *vm);

/*
 * Opens the way for vCPUs, lines, routes and doorbells: calls the backend's vm_seal once, at the first such use. Takes
 * no lock after that. Any thread. Errors: the backend's.
 */
abx_status abx_vm_seal(abx_vm *vm);

/*
 * What every call on a VM checks first: `valid` sums up the arguments, `cap` and the function at `offset` of the
 * backend's table must be there. ABX_CAP_COUNT: no bit stands for it. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED.
 */
abx_status abx_vm_check(const abx_vm *vm, bool valid, abx_cap cap, size_t offset, const char *operation);

/* The same for what only managed VMs do, and whether the VM has a device of `kind`: else ABX_ERR_STATE. */
abx_status abx_vm_check_managed(const abx_vm *vm, bool valid, abx_cap cap, size_t offset, const char *operation);
abx_status abx_vm_check_device(const abx_vm *vm, abx_device_kind kind, const char *operation);

/* Holds the VM's life still: nobody else starts, pauses, resumes, stops, saves or restores it meanwhile, and the
 * backend's own changes wait. It may still come to its end by itself. */
void abx_vm_lock_life(abx_vm *vm);
void abx_vm_unlock_life(abx_vm *vm);

/* ABX_ERR_STATE unless the VM is in `state`. */
abx_status abx_vm_expect(const abx_vm *vm, abx_vm_state state, const char *operation);

/* The backend did its part of going to `to`, but the VM's end may have overtaken it. Errors: ABX_ERR_STATE,
 * ABX_ERR_LOST. */
abx_status abx_vm_arrive(abx_vm *vm, abx_vm_state to, const char *operation);

/* Waits until the VM is STOPPED or FAILED, at most `timeout_ms` milliseconds (-1: for ever); false when it is not. */
bool abx_vm_await_end(abx_vm *vm, int timeout_ms);

#endif
