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

abx_status abx_vz_console_new(id *out, const abx_serial_config *config, abx_vz_drain *drain)
{
    id input = abx_ns_file_handle(config->input_fd), output = NULL;
    if (config->input_fd >= 0 && !input)
        return no_memory();
    abx_status status = make_output(&output, config->output_fd, drain);
    if (status != ABX_OK)
        return status;
    id port = VZVirtioConsoleDeviceSerialPortConfiguration_init();
    id attachment = VZFileHandleSerialPortAttachment_initWithFileHandleForReading_fileHandleForWriting_(input, output);
    if (!port || !attachment)
        return no_memory();
    VZSerialPortConfiguration_setAttachment_(port, attachment);
    *out = port;
    return ABX_OK;
}
