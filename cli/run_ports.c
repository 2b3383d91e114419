/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ports of a virtio console that 'abx run' was asked for. */
#include "report.h"
#include "run_devices_internal.h"
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool take_part(run_port *port, const cli_suboption *part)
{
    uint64_t fd;
    if (run_has_value(part, "in"))
        port->in = part->value;
    else if (run_has_value(part, "out"))
        port->out = part->value;
    else if (!run_has_value(part, "fd"))
        return run_refuse("port", part);
    else if (!cli_number("port", part->value, 0, INT32_MAX, &fd))
        return false;
    else
        port->fd = (int)fd;
    return true;
}

bool run_take_port(run_devices *devices, const char *value)
{
    if (devices->port_count == ABX_CONSOLE_MORE_PORTS) {
        cli_complain("--port: at most %d", ABX_CONSOLE_MORE_PORTS);
        return false;
    }
    cli_suboptions parts;
    if (!run_split(devices, "port", value, &parts))
        return false;
    run_port port = { .name = parts.head, .fd = -1 };
    for (size_t i = 0; i < parts.count; i++) {
        if (!take_part(&port, &parts.each[i]))
            return false;
    }
    if (port.fd >= 0 ? port.in || port.out : !port.in && !port.out) {
        cli_complain("--port: '%s' is not NAME with in=FILE, out=FILE or both, nor with fd=NUMBER", value);
        return false;
    }
    devices->ports[devices->port_count++] = port;
    return true;
}

/* -1 for no file at all. False: said why. */
static bool open_file(run_devices *devices, const char *path, int flags, int *fd)
{
    if (!path)
        return true;
    *fd = open(path, flags | O_NOCTTY | O_CLOEXEC, 0666);
    if (*fd < 0) {
        cli_complain("--port: cannot open '%s': %s", path, strerror(errno));
        return false;
    }
    devices->files[devices->file_count++] = *fd;
    return true;
}

bool run_devices_open(run_devices *devices)
{
    for (size_t i = 0; i < devices->port_count; i++) {
        const run_port *port = &devices->ports[i];
        abx_console_port *open = &devices->open_ports[i];
        *open = (abx_console_port){ .name = port->name, .ends = { port->fd, port->fd } };
        if (!open_file(devices, port->in, O_RDONLY, &open->ends.input_fd) ||
            !open_file(devices, port->out, O_WRONLY | O_CREAT | O_TRUNC, &open->ends.output_fd))
            return false;
    }
    return true;
}

abx_device_config run_ports_device(run_devices *devices)
{
    return (abx_device_config){
        ABX_DEVICE_CONSOLE,
        .console = { .ports_only = true, .ports = devices->open_ports, .port_count = devices->port_count },
    };
}

void run_ports_close(run_devices *devices)
{
    while (devices->file_count > 0)
        close(devices->files[--devices->file_count]);
}
