/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtual machine, the operations on it and the guest in it. */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "guest.h"
#include "queue.h"

enum vz_state {
    VZ_STOPPED,
    VZ_RUNNING,
    VZ_PAUSED,
    VZ_ERROR,
    VZ_STARTING,
    VZ_PAUSING,
    VZ_RESUMING,
    VZ_STOPPING,
    VZ_SAVING,
    VZ_RESTORING
};
enum vz_error {
    VZ_INTERNAL = 1,
    VZ_INVALID_CONFIGURATION = 2,
    VZ_WRONG_STATE = 3,
    VZ_WRONG_TRANSITION = 4,
    VZ_NOT_SAVED = 11,
    VZ_NOT_RESTORED = 12
};

typedef struct vz_machine {
    struct objc_object base;
    dispatch_queue_t queue;
    int64_t state;
    id configuration; /* a copy */
    id delegate;      /* weak */
    id socket_device, balloon;
    id networks[8];
    size_t network_count;
    model_guest *guest;
} vz_machine;

/* The machine or, for nil, the newest one, which may be none; retained. */
id vz_retain_machine(id machine);

/* Dies when the caller is not run by the machine's queue. */
void vz_on_queue(const vz_machine *machine, SEL member);
/* Of a machine that has just got there: the guest runs, stands still or is gone. */
void vz_enter(vz_machine *machine, int64_t state);

/* Of the machine's devices, each made and told that the machine is gone. */
id vz_make_socket_device(vz_machine *machine);
void vz_part_socket_device(id device);
id vz_make_balloon(vz_machine *machine, uint64_t memory);
void vz_part_balloon(id device);

extern const model_method vz_operations[];
enum { VZ_OPERATION_COUNT = 6 };

/* Whether this operation was told to fail: its code, or 0. Sets where the machine is afterwards, unless NULL. */
long model_operation_fails(const char *name, int64_t *state);
/* Runs the end of an operation on the queue, or keeps it back until the test lets it go. */
void model_complete(dispatch_queue_t queue, void *context, dispatch_function_t work);
long model_held(void);

#endif
