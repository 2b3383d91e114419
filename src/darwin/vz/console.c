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

/* A handle of the caller's descriptor; NULL for -1. */
static abx_status use(id *out, int fd)
{
    *out = abx_ns_file_handle(fd);
    return fd < 0 || *out ? ABX_OK : no_memory();
}

/* Where nobody listens: a console that is not drained stops the whole guest. The handle closes the descriptor. */
static abx_status make_sink(id *out)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open /dev/null");
    *out = NSFileHandle_initWithFileDescriptor_closeOnDealloc_(fd, true);
    if (*out)
        return ABX_OK;
    close(fd);
    return no_memory();
}

abx_status abx_vz_console_new(id *out, const abx_serial_config *config)
{
    id input, output;
    abx_status status = use(&input, config->input_fd);
    if (status == ABX_OK)
        status = config->output_fd < 0 ? make_sink(&output) : use(&output, config->output_fd);
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
