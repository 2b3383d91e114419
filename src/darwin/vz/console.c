/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "foundation.h"
#include "vz_api.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static abx_status no_memory(void)
{
    return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a console");
}

/* A handle that closes its descriptor in the end. Takes `fd`, in any case. */
static abx_status own(id *out, int fd)
{
    *out = NSFileHandle_initWithFileDescriptor_closeOnDealloc_(fd, true);
    if (*out)
        return ABX_OK;
    close(fd);
    return no_memory();
}

/* A console that is not drained stops the whole guest: where nobody listens there is a sink, elsewhere a drain. */
static abx_status make_output(id *out, int fd, abx_vz_drain *drain)
{
    int guest_fd;
    if (fd >= 0) {
        abx_status status = abx_vz_drain_add(drain, fd, &guest_fd);
        return status == ABX_OK ? own(out, guest_fd) : status;
    }
    guest_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (guest_fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open /dev/null");
    return own(out, guest_fd);
}

static abx_status attach(id *out, const abx_serial_config *ends, abx_vz_drain *drain)
{
    id input = abx_ns_file_handle(ends->input_fd), output = NULL;
    if (ends->input_fd >= 0 && !input)
        return no_memory();
    abx_status status = make_output(&output, ends->output_fd, drain);
    if (status != ABX_OK)
        return status;
    *out = VZFileHandleSerialPortAttachment_initWithFileHandleForReading_fileHandleForWriting_(input, output);
    return *out ? ABX_OK : no_memory();
}

abx_status abx_vz_serial_port_new(id *out, const abx_serial_config *config, abx_vz_drain *drain)
{
    id attachment = NULL;
    abx_status status = attach(&attachment, config, drain);
    if (status != ABX_OK)
        return status;
    id port = VZVirtioConsoleDeviceSerialPortConfiguration_init();
    if (!port)
        return no_memory();
    VZSerialPortConfiguration_setAttachment_(port, attachment);
    *out = port;
    return ABX_OK;
}

/* A port without a name is a console. */
static abx_status port_new(id *out, const char *name, const abx_serial_config *ends, abx_vz_drain *drain)
{
    id attachment = NULL, text = abx_ns_string(name);
    if (name && !text)
        return no_memory();
    abx_status status = attach(&attachment, ends, drain);
    if (status != ABX_OK)
        return status;
    id port = VZVirtioConsolePortConfiguration_init();
    if (!port)
        return no_memory();
    if (text)
        VZVirtioConsolePortConfiguration_setName_(port, text);
    VZVirtioConsolePortConfiguration_setIsConsole_(port, !name);
    VZConsolePortConfiguration_setAttachment_(port, attachment);
    *out = port;
    return ABX_OK;
}

static abx_status add_port(id ports, size_t index, const char *name, const abx_serial_config *ends, abx_vz_drain *drain)
{
    id port = NULL;
    abx_status status = port_new(&port, name, ends, drain);
    if (status == ABX_OK)
        VZVirtioConsolePortConfigurationArray_setObject_atIndexedSubscript_(ports, port, index);
    return status;
}

abx_status abx_vz_console_new(id *out, const abx_console_config *config, abx_vz_drain *drain)
{
    id device = VZVirtioConsoleDeviceConfiguration_init();
    id ports = device ? VZVirtioConsoleDeviceConfiguration_ports(device) : NULL;
    size_t first = config->ports_only ? 0 : 1;
    abx_status status = ABX_OK;
    if (!ports)
        return no_memory();
    VZVirtioConsolePortConfigurationArray_setMaximumPortCount_(ports, (uint32_t)(first + config->port_count));
    if (first)
        status = add_port(ports, 0, NULL, &config->serial, drain);
    for (size_t i = 0; i < config->port_count && status == ABX_OK; i++)
        status = add_port(ports, first + i, config->ports[i].name, &config->ports[i].ends, drain);
    if (status == ABX_OK)
        *out = device;
    return status;
}

size_t abx_vz_console_outputs(const abx_device_config *device)
{
    if (device->kind == ABX_DEVICE_SERIAL)
        return device->serial.output_fd >= 0;
    if (device->kind != ABX_DEVICE_CONSOLE)
        return 0;
    const abx_console_config *console = &device->console;
    size_t count = !console->ports_only && console->serial.output_fd >= 0;
    for (size_t i = 0; i < console->port_count; i++)
        count += console->ports[i].ends.output_fd >= 0;
    return count;
}
