/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/console_control.h"

#include <string.h>

/* Section 5.3.6.2. */
enum {
    DEVICE_READY = 0,
    DEVICE_ADD = 1,
    PORT_READY = 3,
    CONSOLE_PORT = 4,
    RESIZE = 5,
    PORT_OPEN = 6,
    PORT_NAME = 7,
};

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static void note(abx_console_control_port *port, unsigned event)
{
    port->pending = (uint8_t)(port->pending | 1u << event);
}

void abx_console_control_reset(abx_console_control *control)
{
    for (size_t i = 0; i < ABX_CONSOLE_PORTS; i++) {
        abx_console_control_port *port = &control->ports[i];
        port->ready = port->guest_open = false;
        port->pending = 0;
    }
}

static void add_ports(abx_console_control *control)
{
    for (size_t i = 0; i < ABX_CONSOLE_PORTS; i++) {
        if (control->ports[i].present)
            note(&control->ports[i], DEVICE_ADD);
    }
}

static void introduce(abx_console_control_port *port)
{
    port->ready = true;
    note(port, port->name ? PORT_NAME : CONSOLE_PORT);
    if (port->columns && port->rows)
        note(port, RESIZE);
    if (port->host_open)
        note(port, PORT_OPEN);
}

void abx_console_control_receive(abx_console_control *control, const uint8_t *message, size_t length)
{
    if (length < ABX_CONSOLE_MESSAGE)
        return;
    uint32_t id = get16(message) | (uint32_t)get16(message + 2) << 16;
    uint16_t event = get16(message + 4), value = get16(message + 6);
    abx_console_control_port *port = id < ABX_CONSOLE_PORTS ? &control->ports[id] : NULL;
    if (event == DEVICE_READY && value == 1)
        add_ports(control);
    else if (!port || !port->present)
        return;
    else if (event == PORT_READY && value == 1)
        introduce(port);
    else if (event == PORT_READY)
        port->ready = port->guest_open = false; /* the driver could not add it */
    else if (event == PORT_OPEN && port->ready)
        port->guest_open = value != 0;
}

void abx_console_control_set_open(abx_console_control *control, uint32_t port, bool open)
{
    abx_console_control_port *self = &control->ports[port];
    bool changes = self->host_open != open;
    self->host_open = open;
    if (changes && self->ready)
        note(self, PORT_OPEN);
}

void abx_console_control_set_size(abx_console_control *control, uint32_t port, uint16_t columns, uint16_t rows)
{
    abx_console_control_port *self = &control->ports[port];
    self->columns = columns;
    self->rows = rows;
    if (self->ready)
        note(self, RESIZE);
}

static const abx_console_control_port *first_with_news(const abx_console_control *control)
{
    for (size_t i = 0; i < ABX_CONSOLE_PORTS; i++) {
        if (control->ports[i].pending)
            return &control->ports[i];
    }
    return NULL;
}

bool abx_console_control_has_news(const abx_console_control *control)
{
    return first_with_news(control) != NULL;
}

/* What follows the message; its length. RESIZE: columns come first, as in the specification, and in Linux since 2025.
 */
static size_t put_rest(const abx_console_control_port *port, unsigned event, uint8_t *at)
{
    if (event == RESIZE) {
        put16(at, port->columns);
        put16(at + 2, port->rows);
        return 4;
    }
    if (event != PORT_NAME)
        return 0;
    size_t length = strnlen(port->name, ABX_CONSOLE_NAME_MAX);
    memcpy(at, port->name, length);
    return length;
}

size_t abx_console_control_take(abx_console_control *control, uint8_t message[ABX_CONSOLE_MESSAGE_MAX])
{
    const abx_console_control_port *found = first_with_news(control);
    if (!found)
        return 0;
    size_t id = (size_t)(found - control->ports);
    abx_console_control_port *port = &control->ports[id];
    /* The lowest first: a port is added before it is described, and a console before it is resized. */
    unsigned event = (unsigned)__builtin_ctz(port->pending);
    port->pending = (uint8_t)(port->pending & (port->pending - 1u));
    put16(message, (uint16_t)id);
    put16(message + 2, 0);
    put16(message + 4, (uint16_t)event);
    put16(message + 6, event == PORT_OPEN ? port->host_open : 1);
    return ABX_CONSOLE_MESSAGE + put_rest(port, event, message + ABX_CONSOLE_MESSAGE);
}
