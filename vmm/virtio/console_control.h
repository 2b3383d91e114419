/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a console and its driver tell each other about ports (Virtio 1.2, section 5.3.6.2): a state machine without
 * queues or locks. What the driver is to hear of is noted once per port and kind, so that no driver can make it much.
 */
#ifndef ABX_VMM_VIRTIO_CONSOLE_CONTROL_H
#define ABX_VMM_VIRTIO_CONSOLE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ABX_CONSOLE_PORTS = 7, /* two queues each, two for control: ABX_VIRTIO_QUEUES_MAX */
    ABX_CONSOLE_NAME_MAX = 63,
    ABX_CONSOLE_MESSAGE = 8, /* bytes of a message, without what may follow it */
    ABX_CONSOLE_MESSAGE_MAX = ABX_CONSOLE_MESSAGE + ABX_CONSOLE_NAME_MAX,
};

/* A port as the driver is told of it. */
typedef struct abx_console_control_port {
    bool present;
    const char *name;       /* NULL: it is a console */
    uint16_t columns, rows; /* of a console; 0: not known */
    bool host_open;         /* somebody is at the host's end */

    bool ready; /* the driver has it */
    bool guest_open;
    uint8_t pending; /* what the driver is to be told: bits by kind of message */
} abx_console_control_port;

typedef struct abx_console_control {
    abx_console_control_port ports[ABX_CONSOLE_PORTS];
} abx_console_control;

/* Forgets the driver. */
void abx_console_control_reset(abx_console_control *control);

/* Takes a message of the driver's: `length` bytes that it sent. What makes no sense changes nothing. */
void abx_console_control_receive(abx_console_control *control, const uint8_t *message, size_t length);

/* Something changed at the host's end of a port. */
void abx_console_control_set_open(abx_console_control *control, uint32_t port, bool open);
void abx_console_control_set_size(abx_console_control *control, uint32_t port, uint16_t columns, uint16_t rows);

/* Whether the driver is to be told something; takes the next of it: bytes of the message, 0 if there is none. */
bool abx_console_control_has_news(const abx_console_control *control);
size_t abx_console_control_take(abx_console_control *control, uint8_t message[ABX_CONSOLE_MESSAGE_MAX]);

#endif
