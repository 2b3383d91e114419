/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The gate between a VM's vCPUs and its guest. vCPUs pass it without a lock: each says that it is inside before it
 * looks at the gate's position, and whoever closes the gate sets the position before looking who is inside. One of the
 * two sees the other (both sides are sequentially consistent).
 */
#ifndef ABX_SRC_GATE_H
#define ABX_SRC_GATE_H

#include <arcbox/error.h>

#include "wake.h"

#include <pthread.h>

typedef enum abx_gate_position {
    ABX_GATE_NOT_YET = 0, /* the VM has not been started */
    ABX_GATE_OPEN,
    ABX_GATE_HELD, /* paused: whoever comes waits */
    ABX_GATE_ENDED,
} abx_gate_position;

/* What a gate knows of a vCPU. */
typedef struct abx_passenger {
    atomic_int inside;
    abx_wake wake;
    uint32_t id;
    void (*kick)(void *object); /* makes the passenger leave */
    void *object;
    struct abx_passenger *next;
} abx_passenger;

typedef struct abx_gate {
    atomic_int position;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t left;  /* somebody left while the gate was not open */
    abx_passenger *passengers;
} abx_gate;

void abx_gate_init(abx_gate *gate);
void abx_gate_end(abx_gate *gate);

/* Adds a passenger that is outside; false if its id is taken. */
bool abx_gate_join(abx_gate *gate, abx_passenger *passenger);

/* Takes a passenger out, who is outside: nobody kicks it any more. */
void abx_gate_part(abx_gate *gate, abx_passenger *passenger);

/* Lets passengers in again. */
void abx_gate_open(abx_gate *gate);

/* Closes the gate for HELD or ENDED, and returns when nobody is inside. ENDED also lets go those that wait. */
void abx_gate_close(abx_gate *gate, abx_gate_position position);

/* Enters; false, and the passenger is inside only by name, when the gate is not open. The passenger's own thread. */
static inline bool abx_gate_enter(abx_gate *gate, abx_passenger *passenger)
{
    atomic_store(&passenger->inside, 1);
    return atomic_load(&gate->position) == ABX_GATE_OPEN;
}

/* Leaves; false when the gate is not open: then the caller also owes abx_gate_tell(). The passenger's own thread. */
static inline bool abx_gate_leave(abx_gate *gate, abx_passenger *passenger)
{
    atomic_store(&passenger->inside, 0);
    return atomic_load(&gate->position) == ABX_GATE_OPEN;
}

/* Tells whoever closed the gate that somebody left. */
void abx_gate_tell(abx_gate *gate);

#endif
