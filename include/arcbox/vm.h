/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtual machine and its life: create, start, pause, resume, stop, destroy. */
#ifndef ARCBOX_VM_H
#define ARCBOX_VM_H

#include <arcbox/base.h>
#include <arcbox/config.h>
#include <arcbox/error.h>
#include <arcbox/hypervisor.h>

ABX_BEGIN_DECLS

typedef struct abx_vm abx_vm;

/*
 *            start            pause
 *   CREATED -------> RUNNING <------> PAUSED
 *      |    stop        | stop resume    | stop
 *      +--------------> STOPPED <--------+
 *
 * abx_vm_restore() takes a managed VM from CREATED to PAUSED.
 * A guest that ends by itself takes a managed VM to STOPPED. A backend that dies takes it to FAILED. Both are final. A
 * backend may also pause a managed VM by itself, or let it go on; the event says why.
 */
typedef enum abx_vm_state {
    ABX_VM_CREATED = 0, /* built, validated, no guest instruction has run */
    ABX_VM_RUNNING,
    ABX_VM_PAUSED,  /* no vCPU is in guest mode */
    ABX_VM_STOPPED, /* will not run again */
    ABX_VM_FAILED,  /* the backend was lost */
} abx_vm_state;

/* "created", "running" … Static storage. */
ABX_API const char *abx_vm_state_name(abx_vm_state state);

/*
 * Builds a VM: validates `config` (NULL: all defaults), takes what it needs from the host, runs nothing. Manual
 * backends map RAM around the architecture's device hole (x86_64: from 0 up to 3 GiB, the rest from 4 GiB). The VM
 * keeps the hypervisor open. On success `*out` is the caller's: abx_vm_destroy(). Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_CONFIG, ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT (descriptors, VMs per process),
 * ABX_ERR_PERMISSION, ABX_ERR_NOT_FOUND, ABX_ERR_TIMEOUT, ABX_ERR_LOST, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_create(abx_vm **out, abx_hypervisor *hypervisor, const abx_vm_config *config) ABX_MUST_CHECK;

/*
 * Lets the guest run. Manual: from now on abx_vcpu_run() enters the guest. Managed: the backend runs it. From CREATED
 * only. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_STATE, ABX_ERR_LOST, ABX_ERR_TIMEOUT, and what the backend meets:
 * ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_start(abx_vm *vm) ABX_MUST_CHECK;

/*
 * Pauses a running VM. When it returns no vCPU is in guest mode, and none enters it until abx_vm_resume():
 * abx_vcpu_run() finishes the I/O that it has pending and then waits inside (a kick ends that wait). Any thread but one
 * that is inside abx_vcpu_run() of this VM. Errors: ABX_ERR_INVALID, ABX_ERR_STATE (not RUNNING),
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_LOST, ABX_ERR_TIMEOUT.
 */
ABX_API abx_status abx_vm_pause(abx_vm *vm) ABX_MUST_CHECK;

/* Resumes a paused VM. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_STATE (not PAUSED), ABX_ERR_LOST, ABX_ERR_TIMEOUT.
 */
ABX_API abx_status abx_vm_resume(abx_vm *vm) ABX_MUST_CHECK;

/*
 * Ends the guest's running for good, from any state; a VM that is STOPPED or FAILED stays so and ABX_OK is returned.
 * When it returns no vCPU is in guest mode; every later or current abx_vcpu_run() gives ABX_EXIT_STOPPED. The guest is
 * not asked. Any thread but one inside abx_vcpu_run() of this VM. It does not wait for the caller's own code. Errors:
 * ABX_ERR_INVALID.
 */
ABX_API abx_status abx_vm_stop(abx_vm *vm);

/*
 * Asks the guest of a managed VM to switch itself off, as its power button would. The guest may take its time, or not
 * do so: ABX_OK says that it was asked. From RUNNING only. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_STATE,
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_LOST, ABX_ERR_TIMEOUT.
 */
ABX_API abx_status abx_vm_request_stop(abx_vm *vm) ABX_MUST_CHECK;

/*
 * Ends a managed VM kindly: asks the guest, waits until it has switched itself off, at most `timeout_ms` milliseconds
 * (-1: for ever), and stops the VM if it has not. ABX_OK: the guest ended by itself, or the VM was not running yet or
 * any more. Any thread but an event observer's. Errors that leave the VM as it is: ABX_ERR_INVALID, ABX_ERR_STATE (a
 * PAUSED guest hears nothing), ABX_ERR_NOT_SUPPORTED. Errors after which it is STOPPED or FAILED: ABX_ERR_TIMEOUT (the
 * guest had to be stopped), ABX_ERR_LOST, and what asking it met.
 */
ABX_API abx_status abx_vm_shut_down(abx_vm *vm, int timeout_ms) ABX_MUST_CHECK;

/*
 * Writes the state of a paused managed VM, but not its disks, to the file `path`, which is made or replaced. It stays
 * PAUSED. What the file is good for is the backend's matter: this host, this version of its system, the same
 * configuration and machine_id. From PAUSED only. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_STATE,
 * ABX_ERR_NOT_SUPPORTED (by the backend, or with a device that it has), ABX_ERR_PERMISSION, ABX_ERR_NOT_FOUND,
 * ABX_ERR_LOST, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_save(abx_vm *vm, const char *path) ABX_MUST_CHECK;

/*
 * Takes the state of a managed VM from the file `path`, instead of starting it; abx_vm_resume() then lets the guest go
 * on. From CREATED only; PAUSED afterwards, and on failure CREATED as before. Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_STATE, ABX_ERR_NOT_SUPPORTED, ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION, ABX_ERR_FORMAT (damaged, or of another
 * machine, host or version), ABX_ERR_LOST, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_restore(abx_vm *vm, const char *path) ABX_MUST_CHECK;

/*
 * Who a managed VM's machine is, as opaque bytes: what a guest knows itself by. Give it to the next VM of the same
 * machine as config.machine_id; two running VMs must not have the same. `buffer` has room for `capacity` and may be
 * NULL when that is 0; `*size` gets the number of bytes. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_LIMIT (`capacity` is too small; `*size` is set).
 */
ABX_API abx_status abx_vm_get_machine_id(const abx_vm *vm, void *buffer, size_t capacity, size_t *size) ABX_MUST_CHECK;

/*
 * The CPU time, in nanoseconds, that the process has taken in which the backend of a managed VM runs the guest, where
 * that is another one than the caller's. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (there is no such
 * process, or it cannot be asked), ABX_ERR_STATE (it has ended), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_get_cpu_time(const abx_vm *vm, uint64_t *nanoseconds) ABX_MUST_CHECK;

/*
 * Stops the VM if need be and gives the caller's reference back. vCPUs that still exist stay valid handles, which keep
 * what they need, until their threads call abx_vcpu_destroy(); the backend's resources and the guest's memory go back
 * when the last one is gone, otherwise before this returns. Every other use of `vm` after this is an error of the
 * caller. NULL is allowed. Any thread but one inside abx_vcpu_run() of this VM.
 */
ABX_API void abx_vm_destroy(abx_vm *vm);

/* The state now; it may change at any moment unless the caller is the only one to change it. Takes no lock. Any thread.
 */
ABX_API abx_vm_state abx_vm_get_state(const abx_vm *vm);

/* Its configuration with every default filled in. Valid as long as the VM. */
ABX_API const abx_vm_config *abx_vm_get_config(const abx_vm *vm);

/* Its hypervisor. Valid as long as the VM. */
ABX_API abx_hypervisor *abx_vm_get_hypervisor(const abx_vm *vm);

ABX_END_DECLS

#endif
