/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a device and the machine around it know of each other. */
#ifndef ABX_VMM_DEVICE_H
#define ABX_VMM_DEVICE_H

#include <arcbox/machine.h>

#include "bus.h"
#include "loop.h"

/* What a device may ask of its machine. Any thread, no lock of the device's held but where it says so. */
typedef struct abx_device_host {
    abx_bus *ports;
    abx_bus *mmio;
    abx_vm *vm;     /* for guest memory */
    abx_loop *loop; /* the device is made, and freed, in it. NULL where no device of the machine's needs one */
    bool irqfd;     /* interrupts of virtio devices are edges, which descriptors bring */
    void *machine;
    /* Sets an interrupt line. NULL: the machine has no interrupt controller. The device's locks may be held. */
    void (*set_line)(void *machine, uint32_t line, bool level);
    /* Tells of something: GUEST_PANIC, DEVICE_FAILED. The device's locks may be held. */
    void (*tell)(void *machine, abx_event_kind kind, uint64_t code, const char *text);
    /* Ends the machine; the first end counts. From a vCPU thread. */
    void (*finish)(void *machine, abx_machine_end end, uint64_t code, const char *text);
} abx_device_host;

/* What a device has done since it was made. */
typedef struct abx_device_counters {
    uint64_t operations; /* requests, packets … that came to their end */
    uint64_t errors;     /* of those, how many failed */
    uint64_t bytes_read; /* by the guest */
    uint64_t bytes_written;
    uint64_t interrupts;
} abx_device_counters;

/* What a machine asks of a device. A function may be NULL where there is nothing to do. */
typedef struct abx_device_ops {
    /* Lets its worker threads work, and holds them. When pause returns nothing in the device changes by itself. A new
     * device is paused. */
    void (*resume)(void *device);
    void (*pause)(void *device);
    /* Gives all output away that is still inside; blocks until that is done or abandoned. */
    void (*drain)(void *device);
    /* Whoever is blocked in the device goes on at once; output from now on is thrown away. Any thread. */
    void (*abandon)(void *device);
    /* Any thread. NULL: nothing is counted. */
    void (*count)(void *device, abx_device_counters *counters);
    void (*free)(void *device);
} abx_device_ops;

typedef struct abx_device {
    const abx_device_ops *ops;
    void *object;
    abx_device_kind kind; /* in the configuration; NONE: it is not there */
} abx_device;

#endif
