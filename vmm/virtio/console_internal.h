/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a console. */
#ifndef ABX_VMM_VIRTIO_CONSOLE_INTERNAL_H
#define ABX_VMM_VIRTIO_CONSOLE_INTERNAL_H

#include "virtio/console.h"
#include "virtio/console_control.h"
#include "virtio/console_port.h"
#include "virtio/mmio.h"
#include "virtio/worker.h"

enum { CONSOLE_EMERGENCY = 256 };

typedef struct virtio_console virtio_console;

/* One end of a port, when the loop waits for it. */
typedef struct console_watch {
    virtio_console *console;
    abx_loop_watch *watch; /* NULL: it is always ready, or there is none */
    unsigned events;       /* that are waited for */
} console_watch;

typedef struct console_port {
    abx_virtio_port flow;
    console_watch input, output;
    char name[ABX_CONSOLE_NAME_MAX + 1];
} console_port;

/* What changes only while the worker is held or by the worker itself has no lock. */
struct virtio_console {
    abx_device_host host;
    abx_virtio_mmio *transport;
    abx_virtio_worker worker;
    bool has_worker;
    uint32_t port_count;     /* the highest number plus one */
    bool multiport;          /* negotiated; else port 0 is all there is */
    abx_virtqueue *messages; /* to the driver, and from it; NULL: stopped */
    abx_virtqueue *replies;
    console_port ports[ABX_CONSOLE_PORTS];

    abx_wakeup abandon; /* raised: no more output */
    atomic_bool abandoned;

    pthread_mutex_t lock; /* of what follows; held for moments */
    abx_console_control control;
    bool sized; /* F_SIZE is negotiated, and the size is in the configuration space */
    uint8_t emergency[CONSOLE_EMERGENCY];
    size_t emergency_count;
};

/* console_work.c */

/* For the worker: all that can be done without waiting. */
void virtio_console_work(void *console);

/* For a watch. */
void virtio_console_ready(void *watch, unsigned events);

/* Writes out what the guest has sent, however long that takes, unless it is abandoned. The worker is held. */
void virtio_console_finish(virtio_console *console);

/* Writes out emergency bytes as far as that goes now. By the worker, or while it is held. */
void virtio_console_write_emergency(virtio_console *console);

#endif
