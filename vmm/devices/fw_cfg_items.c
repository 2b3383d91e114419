/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/fw_cfg_items.h"

#include "devices/fw_cfg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SIGNATURE = 0x0000,
    FEATURES = 0x0001,
    RAM_SIZE = 0x0003,
    CPU_COUNT = 0x0005,
    MAX_CPUS = 0x000f,
    DIRECTORY = 0x0019,
    FIRST_FILE = 0x0020,
    FIXED_ITEMS = 6,

    FEATURE_TRADITIONAL = 1 << 0,
    FEATURE_DMA = 1 << 1,

    DIRECTORY_ENTRY = 4 + 2 + 2 + ABX_FW_CFG_NAME_SIZE,
};

/* Takes `data` over. There is room: abx_fw_cfg_items_new() made it. */
static void add(abx_fw_cfg_items *self, uint16_t selector, uint8_t *data, uint32_t length)
{
    self->items[self->count++] = (abx_fw_cfg_item){ selector, data, length };
}

static abx_status add_copy(abx_fw_cfg_items *self, uint16_t selector, const void *data, size_t length)
{
    if (length > UINT32_MAX)
        return abx_fail(ABX_ERR_LIMIT, 0, "An item of fw_cfg has less than 4 GiB.", "add an item to fw_cfg");
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "copy an item for fw_cfg");
    if (length)
        memcpy(copy, data, length);
    add(self, selector, copy, (uint32_t)length);
    return ABX_OK;
}

/* A number of `bytes` bytes, little endian as all of QEMU's own numbers are. */
static abx_status add_number(abx_fw_cfg_items *self, uint16_t selector, uint64_t value, size_t bytes)
{
    uint8_t data[8];
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(value >> (8 * i));
    return add_copy(self, selector, data, bytes);
}

static abx_status read_whole(int fd, const char *path, uint8_t *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t got = read(fd, data + done, length - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return abx_fail(abx_status_of_errno(errno), errno, NULL, "read %s for fw_cfg", path);
        if (got == 0)
            return abx_fail(ABX_ERR_FORMAT, 0, "It became shorter meanwhile.", "read %s for fw_cfg", path);
        done += (size_t)got;
    }
    return ABX_OK;
}

static abx_status add_open_file(abx_fw_cfg_items *self, uint16_t selector, int fd, const char *path)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "look at %s", path);
    if (!S_ISREG(status.st_mode))
        return abx_fail(ABX_ERR_FORMAT, 0, "It must be a regular file.", "read %s for fw_cfg", path);
    if (status.st_size > UINT32_MAX)
        return abx_fail(ABX_ERR_LIMIT, 0, "An item of fw_cfg has less than 4 GiB.", "read %s for fw_cfg", path);
    size_t length = (size_t)status.st_size;
    uint8_t *data = malloc(length ? length : 1);
    if (!data)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "read %s for fw_cfg", path);
    abx_status result = read_whole(fd, path, data, length);
    if (result != ABX_OK) {
        free(data);
        return result;
    }
    add(self, selector, data, (uint32_t)length);
    return ABX_OK;
}

static abx_status add_file(abx_fw_cfg_items *self, uint16_t selector, const abx_fw_cfg_file *file)
{
    if (!file->path)
        return add_copy(self, selector, file->data, file->length);
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open %s for fw_cfg", file->path);
    abx_status status = add_open_file(self, selector, fd, file->path);
    close(fd);
    return status;
}

static void put_big_endian(uint8_t *at, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

/* The directory lists the items that were added last: the files, in their order. */
static abx_status add_directory(abx_fw_cfg_items *self, const abx_fw_cfg_file *files, size_t count)
{
    size_t length = 4 + count * DIRECTORY_ENTRY;
    uint8_t *data = calloc(1, length);
    if (!data)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the directory of fw_cfg");
    put_big_endian(data, (uint32_t)count, 4);
    const abx_fw_cfg_item *items = &self->items[self->count - count];
    for (size_t i = 0; i < count; i++) {
        uint8_t *entry = data + 4 + i * DIRECTORY_ENTRY;
        put_big_endian(entry, items[i].length, 4);
        put_big_endian(entry + 4, items[i].selector, 2);
        memcpy(entry + 8, files[i].name, strnlen(files[i].name, ABX_FW_CFG_NAME_SIZE - 1));
    }
    add(self, DIRECTORY, data, (uint32_t)length);
    return ABX_OK;
}

static abx_status add_all(abx_fw_cfg_items *self, const abx_vm_config *config, const abx_fw_cfg_file *files,
                          size_t count)
{
    abx_status status = add_copy(self, SIGNATURE, "QEMU", 4);
    if (status == ABX_OK)
        status = add_number(self, FEATURES, FEATURE_TRADITIONAL | FEATURE_DMA, 4);
    if (status == ABX_OK)
        status = add_number(self, RAM_SIZE, config->memory_size, 8);
    if (status == ABX_OK)
        status = add_number(self, CPU_COUNT, config->cpus, 2);
    if (status == ABX_OK)
        status = add_number(self, MAX_CPUS, config->cpus, 2);
    for (size_t i = 0; i < count && status == ABX_OK; i++)
        status = add_file(self, (uint16_t)(FIRST_FILE + i), &files[i]);
    return status == ABX_OK ? add_directory(self, files, count) : status;
}

abx_status abx_fw_cfg_items_new(abx_fw_cfg_items *out, const abx_vm_config *config, const abx_fw_cfg_file *files,
                                size_t count)
{
    abx_fw_cfg_items self = { .items = calloc(FIXED_ITEMS + count, sizeof(abx_fw_cfg_item)) };
    if (!self.items)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the items of fw_cfg");
    abx_status status = add_all(&self, config, files, count);
    if (status != ABX_OK) {
        abx_fw_cfg_items_free(&self);
        return status;
    }
    *out = self;
    return ABX_OK;
}

void abx_fw_cfg_items_free(abx_fw_cfg_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free(items->items[i].data);
    free(items->items);
    *items = (abx_fw_cfg_items){ 0 };
}

const abx_fw_cfg_item *abx_fw_cfg_items_find(const abx_fw_cfg_items *items, uint16_t selector)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->items[i].selector == selector)
            return &items->items[i];
    }
    return NULL;
}
