/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon.h"

#include "boot/bytes.h"
#include "virtio/balloon_auto.h"
#include "virtio/balloon_internal.h"

#include <stdlib.h>

enum {
    DEVICE_ID = 5,
    QUEUE_SIZE = 128,
    SPACE = 16, /* bytes of the configuration space, section 5.5.4 */
    SPACE_ACTUAL = 4,
    SPACE_COMMAND = 8,
    SPACE_POISON = 12,
    TOLD_PARTS = 32, /* events for each 32nd of the memory */
};

static uint64_t features(void *device)
{
    const balloon *self = device;
    uint64_t offered = BALLOON_F_STATS_VQ | BALLOON_F_FREE_PAGE_HINT;
    if (self->config.deflate_on_oom != ABX_NO)
        offered |= BALLOON_F_DEFLATE_ON_OOM;
    if (self->config.free_page_reporting != ABX_NO)
        offered |= BALLOON_F_REPORTING | BALLOON_F_PAGE_POISON;
    return offered;
}

static void negotiated(void *device, uint64_t accepted)
{
    balloon *self = device;
    pthread_mutex_lock(&self->lock);
    self->features = accepted;
    pthread_mutex_unlock(&self->lock);
}

static void fill_space(const balloon *self, uint8_t space[SPACE])
{
    abx_put_le32(space, self->num_pages);
    abx_put_le32(space + SPACE_ACTUAL, self->actual);
    abx_put_le32(space + SPACE_COMMAND, self->hint.command);
    abx_put_le32(space + SPACE_POISON, self->poison);
}

static void read_config(void *device, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    balloon *self = device;
    uint8_t space[SPACE];
    pthread_mutex_lock(&self->lock);
    fill_space(self, space);
    pthread_mutex_unlock(&self->lock);
    abx_virtio_copy_config(space, sizeof(space), offset, bytes, length);
}

static void tell_kept(balloon *self, uint64_t kept)
{
    self->host.tell(self->host.machine, ABX_EVENT_BALLOON, kept, "");
    if (self->automatic)
        abx_balloon_auto_changed(self->automatic);
}

/* A guest moves page by page. Whoever listens hears of larger steps, and of the goal. */
static bool is_worth_telling(const balloon *self)
{
    uint64_t kept = balloon_kept(self);
    uint64_t distance = kept > self->told ? kept - self->told : self->told - kept;
    return distance > 0 && (distance >= self->memory.size / TOLD_PARTS || self->actual == self->num_pages);
}

static void write_config(void *device, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    balloon *self = device;
    uint8_t space[SPACE];
    pthread_mutex_lock(&self->lock);
    fill_space(self, space);
    for (uint32_t i = 0; i < length && offset + i < SPACE; i++)
        space[offset + i] = bytes[i];
    self->actual = abx_get_le32(space + SPACE_ACTUAL);
    self->poison = abx_get_le32(space + SPACE_POISON);
    uint64_t kept = balloon_kept(self);
    bool tells = is_worth_telling(self);
    if (tells)
        self->told = kept;
    pthread_mutex_unlock(&self->lock);
    if (tells)
        tell_kept(self, kept);
    else if (self->automatic)
        abx_balloon_auto_changed(self->automatic);
}

static void start_queue(void *device, uint32_t index, abx_virtqueue *queue)
{
    balloon *self = device;
    if (index == BALLOON_INFLATE) {
        pthread_mutex_lock(&self->lock);
        self->live = true;
        pthread_mutex_unlock(&self->lock);
    }
    queue->unwritten = index == BALLOON_HINT;
    abx_virtio_server_start_queue(device, index, queue);
}

static void stop_queue(void *device, uint32_t index)
{
    balloon *self = device;
    abx_virtio_server_stop_queue(device, index);
    pthread_mutex_lock(&self->lock);
    if (index == BALLOON_INFLATE)
        self->live = false;
    if (index == BALLOON_STATISTICS)
        self->holds = false;
    pthread_mutex_unlock(&self->lock);
}

/* The guest that comes now knows of no balloon. What was asked of the one before still is. */
static void reset(void *device)
{
    balloon *self = device;
    pthread_mutex_lock(&self->lock);
    bool changed = self->actual != 0;
    self->features = 0;
    self->actual = 0;
    self->poison = 0;
    self->statistics = (abx_balloon_statistics){ 0 };
    self->statistics_ns = 0;
    self->told = self->memory.size;
    pthread_mutex_unlock(&self->lock);
    abx_balloon_hint_reset(self);
    abx_balloon_memory_forget(&self->memory);
    if (changed)
        tell_kept(self, self->memory.size);
}

static const abx_virtio_device_ops virtio_ops = {
    .id = DEVICE_ID,
    .name = "balloon",
    .features = features,
    .negotiated = negotiated,
    .read_config = read_config,
    .write_config = write_config,
    .start_queue = start_queue,
    .stop_queue = stop_queue,
    .notify = abx_virtio_server_notify,
    .reset = reset,
};

static void balloon_resume(void *device)
{
    balloon *self = device;
    abx_virtio_server_resume(device);
    if (self->automatic)
        abx_balloon_auto_resume(self->automatic);
}

static void balloon_pause(void *device)
{
    balloon *self = device;
    if (self->automatic)
        abx_balloon_auto_pause(self->automatic);
    abx_virtio_server_pause(device);
}

static void balloon_free(void *device)
{
    balloon *self = device;
    abx_balloon_hint_end(self);
    abx_balloon_auto_free(self->automatic);
    self->automatic = NULL;
    self->actual = 0; /* the reset that is part of the end is nothing to tell of */
    abx_virtio_server_end(&self->server);
    abx_balloon_memory_end(&self->memory);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops device_ops = {
    .resume = balloon_resume,
    .pause = balloon_pause,
    .count = abx_virtio_server_count,
    .free = balloon_free,
};

static abx_status start(balloon *self, const abx_device_host *host, abx_gpa base, uint32_t line)
{
    const abx_virtio_mmio_config registers = {
        .ops = &virtio_ops,
        .device = self,
        .queue_count = BALLOON_QUEUES,
        .queue_size = QUEUE_SIZE,
        .base = base,
        .line = line,
        .interrupt_fd = -1,
    };
    abx_status status = abx_virtio_server_init(&self->server, host, &registers);
    if (status == ABX_OK && self->config.policy == ABX_BALLOON_AUTO) {
        status = abx_balloon_auto_new(&self->automatic, self);
        if (status != ABX_OK)
            abx_virtio_server_end(&self->server);
    }
    return status;
}

abx_status abx_virtio_balloon_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                  const abx_balloon_config *config)
{
    balloon *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a balloon");
    self->host = *host;
    self->config = *config;
    self->server.serve = balloon_serve;
    self->server.attend = balloon_attend;
    abx_balloon_hint_init(self);
    pthread_mutex_init(&self->lock, NULL);
    abx_status status = abx_balloon_memory_init(&self->memory, host->vm);
    if (status == ABX_OK) {
        self->told = self->memory.size;
        if (config->target)
            balloon_aim(self, config->target);
        status = start(self, host, base, line);
        if (status != ABX_OK)
            abx_balloon_memory_end(&self->memory);
    }
    if (status != ABX_OK) {
        pthread_mutex_destroy(&self->lock);
        free(self);
        return status;
    }
    *out = (abx_device){ &device_ops, self };
    return ABX_OK;
}
