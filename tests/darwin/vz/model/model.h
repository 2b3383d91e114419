/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An executable model of what the vz backend stands on: the Objective-C runtime, blocks, dispatch queues, Foundation
 * and Virtualization.framework. It is strict: what a Mac punishes sometimes, or much later, ends here at once, with a
 * line that begins with "model: " and abort(). This header is for tests.
 */
#ifndef MODEL_H
#define MODEL_H

#include "darwin/vz/objc_abi.h"

/* The Mac. model_reset() sets what a test does not say: a new Mac with Apple silicon, where everything is allowed. Set
 * it while nothing runs. */
typedef struct model_mac {
    int major, minor;       /* version of macOS: classes and methods that came later do not exist */
    bool intel;             /* an x86_64 Mac: what is for Apple silicon only does not exist */
    bool supported;         /* virtualization is there at all */
    bool entitled;          /* com.apple.security.virtualization */
    bool may_bridge;        /* com.apple.vm.networking */
    bool nested;            /* a chip that can nest */
    bool can_save;          /* the devices can be saved */
    long rosetta;           /* 0 not supported, 1 not installed, 2 installed */
    uint64_t cpu_limits[2]; /* least, most */
    uint64_t memory_limits[2];
    const char *interfaces[4]; /* those that can be bridged */
    bool guest_ignores_stop;   /* the guest does not react to a request to stop */
} model_mac;
extern model_mac model;

void model_reset(void);
bool abx_model_macos_at_least(int major, int minor);
bool abx_model_is_arm64(void);

/* Failures. From now on, and counted from 1, the n-th call that can fail does; 0: none any more. */
void model_fail(long n);
/* Which call failed since n was set, or NULL; of an allocation, the class. */
const char *model_failed(void);
/* The next operation of this name ("start", "pause", ...) ends with this code of VZErrorDomain; 0 takes it back. The
 * machine is then in the state where it was before, a start in `state`. */
void model_fail_operation(const char *name, long code, long state);

/* Completions are kept back until they are let go, in any order: `index` counts what is there at that time. */
void model_hold(bool on);
/* Waits until so many are kept back. */
void model_wait_held(size_t count);
void model_let_go(size_t index);

/* What is alive: objects by class, blocks, queues, semaphores, open pools; empty when there is nothing. Waits first for
 * threads of queues that have ended. The text is the model's. */
const char *model_alive(void);

/* The machine that was made last, as long as there is one: the backend's. */
id model_machine(void);
/* What its guest does, when the machine's queue is free. For nil it is the newest machine, if there is one. */
void model_guest_power_off(id machine);
void model_guest_crash(id machine, long code);
void model_guest_disconnect(id machine, size_t network, long code);

/*
 * A running guest echoes what comes from its console, and what comes from connections to ports where it listens. While
 * what it says is not read it does nothing else, a request to stop included.
 */
void model_guest_print(id machine, const char *text);
/* What a connection to this port meets: a refusal, as at any other; an echo; no answer as long as the machine is there;
 * no answer, and the handler is dropped. */
enum model_port { MODEL_REFUSES, MODEL_ECHOES, MODEL_IS_SILENT, MODEL_FORGETS };
void model_guest_listen(id machine, uint32_t port, enum model_port answer);
/* Connects from the guest's `from` to a port of the host. The guest's end, or -1 when nobody accepts. */
int model_guest_connect(id machine, uint32_t port, uint32_t from);

#endif
