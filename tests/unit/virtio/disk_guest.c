/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "disk_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOT = 0x2000, SLOTS = DATA + 0x80000 };

disk_guest disk;
const abx_disk_engine_kind *disk_engine;

void disk_choose_engine(const char *argument)
{
    disk_engine = argument && strcmp(argument, "threads") == 0 ? &abx_disk_threads : NULL;
}

int disk_begin(const abx_virtio_block_config *config)
{
    abx_virtio_block_config full = *config;
    snprintf(disk.path, sizeof(disk.path), "/tmp/abx-block-XXXXXX");
    disk.file = mkstemp(disk.path);
    if (disk.file < 0 || ftruncate(disk.file, SECTORS * 512) < 0)
        return -1;
    full.path = disk.path;
    full.queues = config->queues ? config->queues : 1;
    full.engine = config->engine ? config->engine : disk_engine;
    guest_begin(&disk.vm);
    const abx_device_host host = guest_interface(&disk.vm);
    if (abx_virtio_block_new(&disk.vm.host.device, &host, WINDOW, LINE, &full) != ABX_OK)
        return -1;
    disk.vm.host.device.ops->resume(disk.vm.host.device.object);
    return 0;
}

int disk_end(void **state)
{
    (void)state;
    guest_end(&disk.vm);
    close(disk.file);
    return unlink(disk.path);
}

void disk_start(uint64_t features, uint32_t count)
{
    guest_start(&disk.vm, F_VERSION_1 | features, count, 64);
}

static void put_header(abx_gpa at, uint32_t type, uint64_t sector)
{
    const uint32_t words[2] = { type, 0 };
    memcpy(guest_at(&disk.vm, at), words, 8);
    memcpy(guest_at(&disk.vm, at + 8), &sector, 8);
    *guest_at(&disk.vm, at + (STATUS - HEADER)) = NO_STATUS;
}

void disk_put_header(uint32_t type, uint64_t sector)
{
    put_header(HEADER, type, sector);
}

static bool is_writable(uint32_t type)
{
    return type == IN || type == GET_ID;
}

uint8_t disk_request(uint32_t type, uint64_t sector, uint32_t length)
{
    disk_put_header(type, sector);
    buffer buffers[4] = { { HEADER, 16, false } };
    uint32_t count = 1, first = length / 3;
    if (first > 0)
        buffers[count++] = (buffer){ CONTENT, first, is_writable(type) };
    if (length > first)
        buffers[count++] = (buffer){ CONTENT + first, length - first, is_writable(type) };
    buffers[count++] = (buffer){ STATUS, 1, true };
    disk.used_length = guest_request(&disk.vm, 0, buffers, count);
    return *guest_at(&disk.vm, STATUS);
}

void disk_send(uint32_t queue, uint32_t n, uint32_t type, uint64_t sector, uint32_t length)
{
    abx_gpa at = SLOTS + (abx_gpa)n * SLOT;
    put_header(at, type, sector);
    buffer buffers[3] = { { at, 16, false } };
    uint32_t count = 1;
    if (length > 0)
        buffers[count++] = (buffer){ at + 0x1000, length, is_writable(type) };
    buffers[count++] = (buffer){ at + (STATUS - HEADER), 1, true };
    guest_send(&disk.vm, queue, buffers, count);
}

uint8_t *disk_content(uint32_t n)
{
    return guest_at(&disk.vm, SLOTS + (abx_gpa)n * SLOT + 0x1000);
}

uint8_t disk_status(uint32_t n)
{
    return *guest_at(&disk.vm, SLOTS + (abx_gpa)n * SLOT + (STATUS - HEADER));
}

void disk_put_range(uint32_t index, uint64_t sector, uint32_t sectors, uint32_t flags)
{
    uint8_t *at = guest_at(&disk.vm, CONTENT + UINT64_C(16) * index);
    memcpy(at, &sector, 8);
    memcpy(at + 8, &sectors, 4);
    memcpy(at + 12, &flags, 4);
}

bool disk_image_is(uint64_t sector, uint32_t sectors, uint8_t value)
{
    uint8_t bytes[512];
    for (uint32_t i = 0; i < sectors; i++) {
        assert_int_equal(pread(disk.file, bytes, 512, (off_t)((sector + i) * 512)), 512);
        for (size_t at = 0; at < 512; at++) {
            if (bytes[at] != value)
                return false;
        }
    }
    return true;
}
