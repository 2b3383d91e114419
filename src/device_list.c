/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_list.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

const char *abx_device_kind_name(abx_device_kind kind)
{
    static const char names[][16] = {
        [ABX_DEVICE_NONE] = "",
        [ABX_DEVICE_SERIAL] = "serial",
        [ABX_DEVICE_I8042] = "i8042",
        [ABX_DEVICE_RTC] = "rtc",
        [ABX_DEVICE_DEBUG_EXIT] = "debug-exit",
        [ABX_DEVICE_FW_CFG] = "fw-cfg",
        [ABX_DEVICE_PVPANIC] = "pvpanic",
        [ABX_DEVICE_POWER_BUTTON] = "power-button",
        [ABX_DEVICE_BLOCK] = "block",
        [ABX_DEVICE_NET] = "net",
        [ABX_DEVICE_CONSOLE] = "console",
        [ABX_DEVICE_VSOCK] = "vsock",
        [ABX_DEVICE_ENTROPY] = "entropy",
        [ABX_DEVICE_BALLOON] = "balloon",
        [ABX_DEVICE_FS] = "fs",
        [ABX_DEVICE_ROSETTA] = "rosetta",
    };
    return (size_t)kind < sizeof(names) / sizeof(names[0]) && names[kind][0] ? names[kind] : NULL;
}

const abx_device_config *abx_devices_find(const abx_vm_config *config, abx_device_kind kind)
{
    for (size_t i = 0; i < config->device_count; i++) {
        if (config->devices[i].kind == kind)
            return &config->devices[i];
    }
    return NULL;
}

/* A block that is filled from its start. The same steps are done twice: without a block they only measure. */
typedef struct packer {
    char *block;
    size_t used;
} packer;

/* Where the copy of `size` bytes is; while measuring, and for nothing at all, the original. */
static const void *pack(packer *p, const void *data, size_t size)
{
    if (!data || size == 0)
        return data;
    const size_t step = alignof(max_align_t);
    size_t at = (p->used + step - 1) / step * step;
    p->used = at + size;
    return p->block ? memcpy(p->block + at, data, size) : data;
}

static const char *pack_text(packer *p, const char *text)
{
    return text ? pack(p, text, strlen(text) + 1) : NULL;
}

/* Elements of a list that has just been packed: the copy may be written, the original of a measurement may not. */
#define PACK_MEMBER(p, element, member, value)                                                                         \
    do {                                                                                                               \
        const void *packed = (value);                                                                                  \
        if ((p)->block)                                                                                                \
            (element)->member = packed;                                                                                \
    } while (0)

static void pack_fw_cfg(packer *p, abx_fw_cfg_config *fw_cfg)
{
    fw_cfg->files = pack(p, fw_cfg->files, fw_cfg->count * sizeof(*fw_cfg->files));
    for (size_t i = 0; fw_cfg->files && i < fw_cfg->count; i++) {
        abx_fw_cfg_file *file = (abx_fw_cfg_file *)&fw_cfg->files[i];
        PACK_MEMBER(p, file, name, pack_text(p, file->name));
        PACK_MEMBER(p, file, path, pack_text(p, file->path));
        PACK_MEMBER(p, file, data, pack(p, file->data, file->length));
    }
}

static void pack_console(packer *p, abx_console_config *console)
{
    console->ports = pack(p, console->ports, console->port_count * sizeof(*console->ports));
    for (size_t i = 0; console->ports && i < console->port_count; i++) {
        abx_console_port *port = (abx_console_port *)&console->ports[i];
        PACK_MEMBER(p, port, name, pack_text(p, port->name));
    }
}

static void pack_fs(packer *p, abx_fs_config *fs)
{
    fs->tag = pack_text(p, fs->tag);
    fs->shares = pack(p, fs->shares, fs->share_count * sizeof(*fs->shares));
    for (size_t i = 0; fs->shares && i < fs->share_count; i++) {
        abx_fs_share *share = (abx_fs_share *)&fs->shares[i];
        PACK_MEMBER(p, share, name, pack_text(p, share->name));
        PACK_MEMBER(p, share, path, pack_text(p, share->path));
    }
}

/* Packs what `device` points to, and makes it point there. */
static void pack_device(packer *p, abx_device_config *device)
{
    switch (device->kind) {
    case ABX_DEVICE_FW_CFG:
        pack_fw_cfg(p, &device->fw_cfg);
        break;
    case ABX_DEVICE_BLOCK:
        device->block.path = pack_text(p, device->block.path);
        device->block.serial = pack_text(p, device->block.serial);
        break;
    case ABX_DEVICE_CONSOLE:
        pack_console(p, &device->console);
        break;
    case ABX_DEVICE_NET:
        device->net.interface = pack_text(p, device->net.interface);
        break;
    case ABX_DEVICE_FS:
        pack_fs(p, &device->fs);
        break;
    case ABX_DEVICE_ROSETTA:
        device->rosetta.tag = pack_text(p, device->rosetta.tag);
        device->rosetta.cache_address = pack_text(p, device->rosetta.cache_address);
        break;
    default:
        break;
    }
}

abx_device_config *abx_devices_copy(const abx_device_config *devices, size_t count)
{
    packer measure = { NULL, count * sizeof(*devices) };
    for (size_t i = 0; i < count; i++) {
        abx_device_config device = devices[i];
        pack_device(&measure, &device);
    }
    packer copy = { malloc(measure.used), count * sizeof(*devices) };
    if (!copy.block)
        return NULL;
    abx_device_config *list = memcpy(copy.block, devices, count * sizeof(*devices));
    for (size_t i = 0; i < count; i++)
        pack_device(&copy, &list[i]);
    return list;
}
