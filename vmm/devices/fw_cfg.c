/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/fw_cfg.h"

#include "devices/fw_cfg_items.h"

#include <arcbox/memory.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    DMA_LENGTH = 8,

    DMA_ERROR = 1 << 0,
    DMA_READ = 1 << 1,
    DMA_SKIP = 1 << 2,
    DMA_SELECT = 1 << 3,
    DMA_WRITE = 1 << 4,
};

const abx_fw_cfg_layout abx_fw_cfg_ports = {
    .length = ABX_FW_CFG_PORTS, .selector = 0, .data = 1, .data_length = 1, .dma = 4
};

const abx_fw_cfg_layout abx_fw_cfg_mmio = {
    .length = ABX_FW_CFG_MMIO, .data = 0, .data_length = 8, .selector = 8, .selector_big_endian = true, .dma = 16
};

typedef struct fw_cfg {
    const abx_fw_cfg_layout *layout;
    pthread_mutex_t lock;
    abx_vm *vm;
    abx_fw_cfg_items items;
    const abx_fw_cfg_item *current; /* NULL: a selector that nobody has */
    uint32_t offset;                /* in current; at most its length */
    uint32_t dma_high;
} fw_cfg;

static void select_item(fw_cfg *self, uint16_t selector)
{
    self->current = abx_fw_cfg_items_find(&self->items, selector);
    self->offset = 0;
}

static uint32_t remaining(const fw_cfg *self)
{
    return self->current ? self->current->length - self->offset : 0;
}

/* Past the end of an item there are zeros. */
static uint8_t next_byte(fw_cfg *self)
{
    return remaining(self) > 0 ? self->current->data[self->offset++] : 0;
}

static void skip(fw_cfg *self, uint32_t length)
{
    uint32_t left = remaining(self);
    self->offset += length < left ? length : left;
}

/* The request that the guest puts at an address of its choice, in the order of its bytes. */
typedef struct dma_request {
    uint32_t control;
    uint32_t length;
    uint64_t address;
} dma_request;

static uint32_t load_big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool fetch_request(const fw_cfg *self, abx_gpa gpa, dma_request *request)
{
    uint8_t bytes[16];
    if (abx_memory_read(self->vm, gpa, bytes, sizeof(bytes)) != ABX_OK)
        return false;
    request->control = load_big_endian(bytes);
    request->length = load_big_endian(bytes + 4);
    request->address = (uint64_t)load_big_endian(bytes + 8) << 32 | load_big_endian(bytes + 12);
    return true;
}

static bool copy_to_guest(fw_cfg *self, const dma_request *request)
{
    uint32_t left = remaining(self);
    uint32_t copied = request->length < left ? request->length : left;
    if (request->address + request->length < request->address)
        return false;
    if (copied > 0 &&
        abx_memory_write(self->vm, request->address, self->current->data + self->offset, copied) != ABX_OK)
        return false;
    self->offset += copied;
    uint32_t zeros = request->length - copied;
    return zeros == 0 || abx_memory_fill(self->vm, request->address + copied, 0, zeros) == ABX_OK;
}

/* Read comes before skip, and writing is refused: nothing here can be changed. */
static void run_dma(fw_cfg *self, abx_gpa gpa)
{
    dma_request request;
    if (!fetch_request(self, gpa, &request))
        return; /* and there is no place either to say so */
    bool done = true;
    if (request.control & DMA_SELECT)
        select_item(self, (uint16_t)(request.control >> 16));
    if (request.control & DMA_READ)
        done = copy_to_guest(self, &request);
    else if (request.control & DMA_WRITE)
        done = request.length == 0;
    else if (request.control & DMA_SKIP)
        skip(self, request.length);

    const uint8_t answer[4] = { 0, 0, 0, done ? 0 : DMA_ERROR };
    (void)!abx_memory_write(self->vm, gpa, answer, sizeof(answer));
}

/* Data comes in the order of its bytes, whatever the width. */
static uint64_t read_bytes(fw_cfg *self, uint64_t offset, uint32_t size)
{
    static const uint8_t dma_signature[DMA_LENGTH] = "QEMU CFG";
    const abx_fw_cfg_layout *layout = self->layout;
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t byte = 0xff;
        if (offset - layout->data < layout->data_length)
            byte = next_byte(self);
        else if (offset + i - layout->dma < DMA_LENGTH)
            byte = dma_signature[offset + i - layout->dma];
        value |= (uint64_t)byte << (8 * i);
    }
    return value;
}

static uint64_t fw_cfg_read(void *device, uint64_t offset, uint32_t size)
{
    fw_cfg *self = device;
    pthread_mutex_lock(&self->lock);
    uint64_t value = read_bytes(self, offset, size);
    pthread_mutex_unlock(&self->lock);
    return value;
}

static void fw_cfg_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    fw_cfg *self = device;
    const abx_fw_cfg_layout *layout = self->layout;
    pthread_mutex_lock(&self->lock);
    if (offset == layout->selector && size == 2) {
        uint16_t selector = (uint16_t)value;
        select_item(self, layout->selector_big_endian ? __builtin_bswap16(selector) : selector);
    } else if (offset == layout->dma && size == 8) {
        run_dma(self, __builtin_bswap64(value));
    } else if (offset == layout->dma && size == 4) {
        self->dma_high = __builtin_bswap32((uint32_t)value);
    } else if (offset == layout->dma + 4 && size == 4) {
        run_dma(self, (uint64_t)self->dma_high << 32 | __builtin_bswap32((uint32_t)value));
        self->dma_high = 0;
    }
    pthread_mutex_unlock(&self->lock);
}

static void fw_cfg_free(void *device)
{
    fw_cfg *self = device;
    abx_fw_cfg_items_free(&self->items);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops ops = { .free = fw_cfg_free };

abx_status abx_fw_cfg_new(abx_device *out, const abx_device_host *host, const abx_fw_cfg_place *place,
                          const abx_fw_cfg_file *files, size_t count)
{
    fw_cfg *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make fw_cfg");
    self->layout = place->layout;
    self->vm = host->vm;
    pthread_mutex_init(&self->lock, NULL);
    const abx_bus_range range = {
        .base = place->base,
        .length = place->layout->length,
        .name = "fw_cfg",
        .device = self,
        .read = fw_cfg_read,
        .write = fw_cfg_write,
    };
    abx_status status = abx_fw_cfg_items_new(&self->items, abx_vm_get_config(host->vm), files, count);
    if (status == ABX_OK)
        status = abx_bus_add(place->bus, &range);
    if (status != ABX_OK) {
        fw_cfg_free(self);
        return status;
    }
    select_item(self, 0);
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
