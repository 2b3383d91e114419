/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What happens to a VM, as typed, ordered, timestamped events on one pollable descriptor. */
#ifndef ARCBOX_EVENT_H
#define ARCBOX_EVENT_H

#include <arcbox/base.h>
#include <arcbox/error.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef enum abx_event_kind {
    ABX_EVENT_NONE = 0,
    ABX_EVENT_STATE,                /* `state`: the VM changed its state */
    ABX_EVENT_VCPU_ON,              /* `vcpu`: created */
    ABX_EVENT_VCPU_OFF,             /* `vcpu`: destroyed */
    ABX_EVENT_GUEST_SHUTDOWN,       /* the guest asked to be switched off */
    ABX_EVENT_GUEST_RESET,          /* the guest asked for a reset */
    ABX_EVENT_GUEST_PANIC,          /* the guest told of a panic; code: pvpanic bits or the backend's */
    ABX_EVENT_GUEST_FAULT,          /* triple fault or the like on `vcpu` */
    ABX_EVENT_GUEST_EXIT,           /* debug-exit port; code: the status */
    ABX_EVENT_MEMORY,               /* regions changed */
    ABX_EVENT_DEVICE_FAILED,        /* a device model gave up; text says which and why */
    ABX_EVENT_BACKEND_LOST,         /* the backend died; text says how */
    ABX_EVENT_OVERFLOW,             /* `code` events before this one were dropped because nobody read */
    ABX_EVENT_GUEST_VCPU_ON,        /* `vcpu`: the guest switched it on (ARM64, on backends without ABX_CAP_PSCI) */
    ABX_EVENT_GUEST_VCPU_OFF,       /* `vcpu`: … and off */
    ABX_EVENT_NETWORK_DISCONNECTED, /* a network card lost its network; code: its index in config.devices; text: why */
    ABX_EVENT_DEVICE_ATTACHED,      /* code: its index in config.devices; text: its kind. By machines, once built */
    ABX_EVENT_DEVICE_NEEDS_RESET,   /* the driver broke a device's rules, which rests until its reset; text: how */
    ABX_EVENT_DISK_ERROR,           /* an image refused an operation; code: the errno; text: which */
    ABX_EVENT_CONSOLE_CLOSED,       /* the other end of a console is gone: output is thrown away */
    ABX_EVENT_BALLOON,              /* code: the bytes that the guest keeps now; text: what else came, or "" */
    ABX_EVENT_MEMORY_PRESSURE, /* the host is short of memory; text: what it said. With a balloon of policy AUTO only */
    ABX_EVENT_CONTROL_CONNECTED,    /* a client came to the control socket; code: its number */
    ABX_EVENT_CONTROL_DISCONNECTED, /* … and went */
    ABX_EVENT_HOST_WOKE,            /* code: how long the host slept, in ns; the guest's clock has it. Backend hvf */
    ABX_EVENT_GUEST_SUSPEND,        /* `vcpu`: the guest put the whole machine to sleep (ARM64, kvm) */
    ABX_EVENT_GUEST_WAKEUP,         /* `vcpu`: … and an interrupt woke it */
    ABX_EVENT_USER = 1024,          /* from here on: the embedding program's own */
} abx_event_kind;

typedef struct abx_event {
    uint32_t kind;         /* abx_event_kind */
    uint32_t vcpu;         /* UINT32_MAX where none is concerned */
    uint64_t sequence;     /* 1, 2, 3 … per VM; dropped events have numbers as well */
    uint64_t timestamp_ns; /* CLOCK_MONOTONIC */
    uint64_t code;
    uint32_t state; /* abx_vm_state, for ABX_EVENT_STATE */
    char text[92];  /* a few words, or "" */
} abx_event;

/* "state", "guest-panic" … Static storage; "user" from ABX_EVENT_USER on. */
ABX_API const char *abx_event_kind_name(uint32_t kind);

/*
 * A descriptor that is readable while events wait: for poll, epoll, kqueue. It is the VM's: do not read or close it.
 * Any thread.
 */
ABX_API int abx_event_fd(const abx_vm *vm);

/* Takes the oldest event. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_EMPTY (none is waiting). */
ABX_API abx_status abx_event_next(abx_vm *vm, abx_event *event) ABX_MUST_CHECK;

/*
 * Adds an event: for the VMM layer and for programs that want their own in the same order. Of `event` kind, vcpu, code
 * and text are taken; sequence and time are given. When the queue is full the event is dropped and counted, and an
 * ABX_EVENT_OVERFLOW follows. Any thread. Errors: ABX_ERR_INVALID (kind is NONE, OVERFLOW or STATE).
 */
ABX_API abx_status abx_event_post(abx_vm *vm, const abx_event *event);

/* Sees `event`, in the thread that it comes from. It must not block, and of this VM it may only ask for the state. */
typedef void (*abx_event_observer)(void *payload, const abx_event *event);

/*
 * Shows every event to `observer` as it is queued, beside abx_event_next() and without taking any away from it; those
 * that are dropped for want of room as well. Events of one thread come in their order. For layers above that must not
 * miss an end. Up to eight observers, each pair of function and payload once; `payload` must stay valid until
 * abx_event_unobserve(), or as long as the VM. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_EXISTS (this pair is
 * there), ABX_ERR_LIMIT (there are eight).
 */
ABX_API abx_status abx_event_observe(abx_vm *vm, abx_event_observer observer, void *payload) ABX_MUST_CHECK;

/*
 * Ends that: when it returns nothing is being shown to the observer, nor will be. It waits for those that are in an
 * observer of this VM. Any thread but one that is in such an observer, or holds a lock that one waits for. Errors:
 * ABX_ERR_INVALID, ABX_ERR_NOT_FOUND.
 */
ABX_API abx_status abx_event_unobserve(abx_vm *vm, abx_event_observer observer, void *payload);

ABX_END_DECLS

#endif
