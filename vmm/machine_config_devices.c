/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_config.h"

#include "devices/debug_exit.h"
#include "devices/fw_cfg.h"
#include "devices/i8042.h"
#include "devices/pvpanic.h"
#include "devices/rtc.h"
#include "devices/serial.h"
#include "machine_virtio.h"

#include <string.h>

/* In words; NULL for what is not at a fixed place. */
static const char *kind_name(abx_device_kind kind)
{
    static const char *const names[] = {
        [ABX_DEVICE_SERIAL] = "serial port",
        [ABX_DEVICE_I8042] = "keyboard controller",
        [ABX_DEVICE_RTC] = "real time clock",
        [ABX_DEVICE_DEBUG_EXIT] = "debug-exit port",
        [ABX_DEVICE_FW_CFG] = "fw_cfg",
        [ABX_DEVICE_PVPANIC] = "pvpanic port",
        [ABX_DEVICE_POWER_BUTTON] = "power button",
    };
    return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
    return a < b + b_count && b < a + a_count;
}

/* Where the devices lie that cannot be moved. */
static bool is_taken(const abx_machine_config *config, uint32_t port, uint32_t count, abx_device_kind *by)
{
    static const struct {
        abx_device_kind kind;
        uint16_t port, count;
    } fixed[] = {
        { ABX_DEVICE_SERIAL, ABX_SERIAL_PORT, ABX_SERIAL_PORTS },
        { ABX_DEVICE_I8042, ABX_I8042_DATA, 1 },
        { ABX_DEVICE_I8042, ABX_I8042_COMMAND, 1 },
        { ABX_DEVICE_RTC, ABX_RTC_PORT, ABX_RTC_PORTS },
        { ABX_DEVICE_FW_CFG, ABX_FW_CFG_PORT, ABX_FW_CFG_PORTS },
        { ABX_DEVICE_PVPANIC, ABX_PVPANIC_PORT, 1 },
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        *by = fixed[i].kind;
        if (overlap(port, count, fixed[i].port, fixed[i].count) && abx_machine_find_device(config, *by))
            return true;
    }
    return false;
}

/* The kinds that only one architecture has. */
static abx_arch only_arch(abx_device_kind kind)
{
    switch (kind) {
    case ABX_DEVICE_I8042:
        return ABX_ARCH_X86_64;
    default:
        return ABX_ARCH_HOST;
    }
}

static void check_debug_exit(const abx_machine_config *config, size_t index, abx_arch arch, abx_machine_faults *faults)
{
    uint32_t port = config->devices[index].debug_exit.port;
    abx_device_kind other;
    if (port == 0)
        port = ABX_DEBUG_EXIT_PORT;
    if (arch == ABX_ARCH_ARM64 && config->devices[index].debug_exit.port)
        abx_machine_faults_add(faults, "devices[%zu].debug_exit.port: arm64 has no ports", index);
    else if (port + ABX_DEBUG_EXIT_PORTS > 0x10000)
        abx_machine_faults_add(faults, "devices[%zu].debug_exit.port: its %d ports do not fit at %#x", index,
                               ABX_DEBUG_EXIT_PORTS, port);
    else if (arch == ABX_ARCH_X86_64 && is_taken(config, port, ABX_DEBUG_EXIT_PORTS, &other))
        abx_machine_faults_add(faults, "devices[%zu].debug_exit.port: at %#x there is the %s", index, port,
                               kind_name(other));
}

static void check_fw_cfg_file(const abx_fw_cfg_file *files, size_t file, size_t index, abx_machine_faults *faults)
{
    const char *name = files[file].name;
    if (!name || !*name || strnlen(name, ABX_FW_CFG_NAME_SIZE) == ABX_FW_CFG_NAME_SIZE) {
        abx_machine_faults_add(faults, "devices[%zu].fw_cfg.files[%zu].name: must have 1 to 55 bytes", index, file);
        return;
    }
    for (size_t i = 0; i < file; i++) {
        if (files[i].name && strcmp(files[i].name, name) == 0)
            abx_machine_faults_add(faults, "devices[%zu].fw_cfg.files[%zu].name: %s is there already", index, file,
                                   name);
    }
    if (!files[file].path && !files[file].data && files[file].length)
        abx_machine_faults_add(faults, "devices[%zu].fw_cfg.files[%zu]: has neither path nor data", index, file);
    else if (files[file].path && files[file].data)
        abx_machine_faults_add(faults, "devices[%zu].fw_cfg.files[%zu]: has both path and data", index, file);
}

static void check_fw_cfg(const abx_device_config *device, size_t index, abx_machine_faults *faults)
{
    size_t count = device->fw_cfg.count;
    if (count > ABX_FW_CFG_MAX_FILES)
        abx_machine_faults_add(faults, "devices[%zu].fw_cfg.count: %zu is more than %d", index, count,
                               ABX_FW_CFG_MAX_FILES);
    else if (count && !device->fw_cfg.files)
        abx_machine_faults_add(faults, "devices[%zu].fw_cfg.files: NULL, but count is %zu", index, count);
    else
        for (size_t i = 0; i < count; i++)
            check_fw_cfg_file(device->fw_cfg.files, i, index, faults);
}

static void check_balloon(const abx_machine_config *config, size_t index, abx_machine_faults *faults)
{
    const abx_balloon_config *balloon = &config->devices[index].balloon;
    uint64_t memory = config->vm.memory_size ? config->vm.memory_size : abx_default_memory_size();
    if (balloon->target > memory)
        abx_machine_faults_add(faults, "devices[%zu].balloon.target: more than the machine's memory", index);
    if (balloon->minimum > memory)
        abx_machine_faults_add(faults, "devices[%zu].balloon.minimum: more than the machine's memory", index);
}

static void check_device(const abx_machine_config *config, size_t index, abx_arch arch, abx_machine_faults *faults)
{
    const abx_device_config *device = &config->devices[index];
    abx_arch only = only_arch(device->kind);
    if (device->kind >= ABX_DEVICE_BLOCK && !abx_machine_has_virtio(device->kind))
        abx_machine_faults_add(faults, "devices[%zu]: machines on manual backends have no device of kind %s yet", index,
                               abx_device_kind_name(device->kind));
    if (only != ABX_ARCH_HOST && only != arch)
        abx_machine_faults_add(faults, "devices[%zu]: the %s is for %s guests", index, kind_name(device->kind),
                               abx_arch_name(only));
    if (device->kind == ABX_DEVICE_DEBUG_EXIT)
        check_debug_exit(config, index, arch, faults);
    if (device->kind == ABX_DEVICE_FW_CFG)
        check_fw_cfg(device, index, faults);
    if (device->kind == ABX_DEVICE_BALLOON)
        check_balloon(config, index, faults);
}

void abx_machine_check_devices(const abx_machine_config *config, abx_arch arch, abx_machine_faults *faults)
{
    for (size_t i = 0; i < config->device_count; i++) {
        if (abx_device_kind_name(config->devices[i].kind))
            check_device(config, i, arch, faults);
    }
    if (abx_machine_count_virtio(config) > ABX_MACHINE_VIRTIO_MAX)
        abx_machine_faults_add(faults, "devices: more than %d virtio devices", ABX_MACHINE_VIRTIO_MAX);
}
