/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The platform's devices that 'abx run' was asked for. */
#include "report.h"
#include "run_options.h"
#include "terminal.h"
#include "values.h"

#include <string.h>

static const char *const device_names[RUN_PLATFORM_KINDS] = {
    [ABX_DEVICE_NONE] = "none",
    [ABX_DEVICE_SERIAL] = "serial",
    [ABX_DEVICE_I8042] = "i8042",
    [ABX_DEVICE_RTC] = "rtc",
    [ABX_DEVICE_DEBUG_EXIT] = "debug-exit",
    [ABX_DEVICE_FW_CFG] = "fw-cfg",
    [ABX_DEVICE_PVPANIC] = "pvpanic",
    [ABX_DEVICE_POWER_BUTTON] = "power-button",
};

bool run_take_devices(void *into, const char *value)
{
    run_request *request = into;
    bool wanted[RUN_PLATFORM_KINDS] = { false };
    for (const char *word = value; word;) {
        const char *comma = strchr(word, ',');
        size_t length = comma ? (size_t)(comma - word) : strlen(word);
        char name[16];
        if (length >= sizeof(name))
            length = sizeof(name) - 1;
        memcpy(name, word, length);
        name[length] = '\0';
        size_t kind;
        if (!cli_word("devices", name, device_names, RUN_PLATFORM_KINDS, &kind))
            return false;
        wanted[kind] = true;
        word = comma ? comma + 1 : NULL;
    }
    memcpy(request->wanted, wanted, sizeof(wanted));
    request->devices_listed = true;
    return true;
}

bool run_take_debug_exit(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->wanted[ABX_DEVICE_DEBUG_EXIT] = true;
    return true;
}

bool run_take_debug_exit_port(void *into, const char *value)
{
    run_request *request = into;
    uint64_t port;
    if (!cli_number("debug-exit-port", value, 1, UINT16_MAX, &port))
        return false;
    request->debug_exit_port = (uint16_t)port;
    request->wanted[ABX_DEVICE_DEBUG_EXIT] = true;
    return true;
}

bool run_take_fw_cfg(void *into, const char *value)
{
    run_request *request = into;
    const char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1] || equals - value >= (int)sizeof(request->file_names[0])) {
        cli_complain("--fw-cfg: '%s' is not NAME=FILE with a name of at most 55 bytes", value);
        return false;
    }
    if (request->file_count == RUN_MAX_FILES) {
        cli_complain("--fw-cfg: at most %d", RUN_MAX_FILES);
        return false;
    }
    char *name = request->file_names[request->file_count];
    memcpy(name, value, (size_t)(equals - value));
    name[equals - value] = '\0';
    request->files[request->file_count++] = (abx_fw_cfg_file){ .name = name, .path = equals + 1 };
    request->wanted[ABX_DEVICE_FW_CFG] = true;
    return true;
}

bool run_has_console(const run_request *request)
{
    return request->wanted[ABX_DEVICE_SERIAL] || request->virtio_console;
}

static abx_device_config make_console(bool is_virtio, const abx_serial_config *ends)
{
    if (!is_virtio)
        return (abx_device_config){ ABX_DEVICE_SERIAL, .serial = *ends };
    abx_device_config device = { ABX_DEVICE_CONSOLE, .console.serial = *ends };
    cli_terminal_size(&device.console.columns, &device.console.rows);
    return device;
}

size_t run_add_platform(run_request *request, const abx_serial_config *ends)
{
    size_t count = RUN_CONSOLE;
    if (run_has_console(request))
        request->devices[count++] = make_console(request->virtio_console, ends);
    for (int kind = ABX_DEVICE_I8042; kind < RUN_PLATFORM_KINDS; kind++) {
        if (!request->wanted[kind])
            continue;
        abx_device_config *device = &request->devices[count++];
        device->kind = (abx_device_kind)kind;
        if (kind == ABX_DEVICE_DEBUG_EXIT) {
            device->debug_exit.port = request->debug_exit_port;
        } else if (kind == ABX_DEVICE_FW_CFG) {
            device->fw_cfg.files = request->files;
            device->fw_cfg.count = request->file_count;
        }
    }
    return count;
}
