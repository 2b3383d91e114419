/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One VM of backend vz, and what the framework calls for it. */
#ifndef ABX_SRC_DARWIN_VZ_VM_OBJECT_H
#define ABX_SRC_DARWIN_VZ_VM_OBJECT_H

#include "fault.h"
#include "queue.h"

#include <arcbox/backend.h>

typedef struct abx_vz_connecting abx_vz_connecting;

/* All objects are retained by it. */
typedef struct abx_vz_vm {
    abx_vm *handle;              /* gets the events */
    const abx_vm_config *config; /* the core's */
    dispatch_queue_t queue;
    id configuration;              /* VZVirtualMachineConfiguration */
    id machine;                    /* VZVirtualMachine; only on the queue */
    id delegate;                   /* ours; the machine does not retain it */
    bool stopping;                 /* we end it: its end is no news. Only on the queue */
    abx_vz_connecting *connecting; /* those who wait for the guest; only on the queue */
    void *machine_id;              /* data of its VZGenericMachineIdentifier; NULL before macOS 13 */
    size_t machine_id_size;
} abx_vz_vm;

/* "running" and the like, for a VZVirtualMachineState. */
const char *abx_vz_state_name(int64_t state);

/* Fills in the fault of a call that the machine's state does not allow, before the framework would raise. On the queue.
 */
void abx_vz_wrong_state(const abx_vz_vm *vm, abx_vz_fault *fault);

abx_status abx_vz_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *handle);
void abx_vz_vm_destroy(void *vm);

abx_status abx_vz_vm_start(void *vm);
abx_status abx_vz_vm_pause(void *vm);
abx_status abx_vz_vm_resume(void *vm);
abx_status abx_vz_vm_stop(void *vm);
abx_status abx_vz_vm_request_stop(void *vm);

abx_status abx_vz_vm_save(void *vm, const char *path);
abx_status abx_vz_vm_restore(void *vm, const char *path);
abx_status abx_vz_vm_get_machine_id(const void *vm, void *buffer, size_t capacity, size_t *size);

abx_status abx_vz_balloon_set_target(void *vm, uint64_t bytes);
abx_status abx_vz_balloon_get_target(void *vm, uint64_t *bytes);

#endif
