/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio_requests.h"

#include "board.h"
#include "virtio.h"

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8 };

typedef struct block_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
} block_header;

static uint8_t data[REQUESTS][DATA] __attribute__((aligned(4096)));
static block_header headers[REQUESTS];
static volatile uint8_t statuses[REQUESTS];

uint8_t *request_data(uint32_t n)
{
    return data[n];
}

/* Header, data, status. */
static uint32_t describe_block(virtio_buffer buffers[3], uint32_t n, uint32_t type, uint64_t sector, uint32_t length)
{
    headers[n] = (block_header){ .type = type, .sector = sector };
    statuses[n] = 0xff;
    uint32_t count = 0;
    buffers[count++] = (virtio_buffer){ &headers[n], sizeof(headers[n]), false };
    if (length > 0)
        buffers[count++] = (virtio_buffer){ data[n], length, type != T_OUT };
    buffers[count++] = (virtio_buffer){ &statuses[n], 1, true };
    return count;
}

void request_send(virtio_device *device, uint32_t n)
{
    virtio_buffer buffers[3];
    uint32_t count = 1;
    if (device->id == ID_BLOCK)
        count = describe_block(buffers, n, T_IN, 0, DATA);
    else
        buffers[0] = (virtio_buffer){ data[n], DATA, true };
    queue_add(&device->queues[0], buffers, count);
    virtio_notify(device, 0);
}

uint32_t request_fill(virtio_device *device, uint32_t length)
{
    const virtio_buffer buffer = { data[0], length, true };
    return virtio_request(device, 0, &buffer, 1);
}

static uint32_t do_block(virtio_device *device, uint32_t type, uint64_t sector, uint32_t length)
{
    virtio_buffer buffers[3];
    uint32_t count = describe_block(buffers, 0, type, sector, length);
    uint32_t written = virtio_request(device, 0, buffers, count);
    if (statuses[0] == 0)
        CHECK(written == 1 + (type == T_OUT ? 0 : length));
    return statuses[0];
}

/* A different word at each place of each sector for each seed. */
static uint64_t word_of(uint64_t sector, uint32_t seed, uint32_t index)
{
    return ((uint64_t)seed << 32 | index) * 0x9e3779b97f4a7c15ull + sector;
}

uint32_t block_write(virtio_device *device, uint64_t sector, uint32_t sectors, uint32_t seed)
{
    volatile uint64_t *words = (volatile uint64_t *)data[0];
    for (uint32_t i = 0; i < sectors * SECTOR / 8; i++)
        words[i] = word_of(sector + i / (SECTOR / 8), seed, i % (SECTOR / 8));
    return do_block(device, T_OUT, sector, sectors * SECTOR);
}

uint32_t block_read(virtio_device *device, uint64_t sector, uint32_t sectors, uint32_t seed)
{
    const volatile uint64_t *words = (const volatile uint64_t *)data[0];
    uint32_t status = do_block(device, T_IN, sector, sectors * SECTOR);
    for (uint32_t i = 0; i < sectors * SECTOR / 8 && status == 0; i++) {
        if (words[i] != word_of(sector + i / (SECTOR / 8), seed, i % (SECTOR / 8)))
            status = MISMATCH;
    }
    return status;
}

uint32_t block_flush(virtio_device *device)
{
    return do_block(device, T_FLUSH, 0, 0);
}

uint32_t block_identify(virtio_device *device)
{
    CHECK(do_block(device, T_GET_ID, 0, 20) == 0);
    return *(const volatile uint32_t *)data[0];
}

uint32_t block_capacity(const virtio_device *device)
{
    CHECK(read32(device->registers + DEVICE_CONFIG + 4) == 0);
    return read32(device->registers + DEVICE_CONFIG);
}
