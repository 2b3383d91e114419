/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the host's side asks of a balloon. */
#include "virtio/balloon_auto.h"
#include "virtio/balloon_internal.h"

#include <string.h>

static uint64_t outside(const balloon *self, uint32_t pages)
{
    uint64_t inside = pages * ABX_BALLOON_PAGE;
    return inside < self->memory.size ? self->memory.size - inside : 0;
}

uint64_t balloon_kept(const balloon *self)
{
    return outside(self, self->actual);
}

uint64_t balloon_target(const balloon *self)
{
    return outside(self, self->num_pages);
}

bool balloon_is_poisoned(const balloon *self)
{
    return (self->features & BALLOON_F_PAGE_POISON) && self->poison != 0;
}

void balloon_aim(balloon *self, uint64_t bytes)
{
    uint64_t pages = (self->memory.size - bytes) / ABX_BALLOON_PAGE;
    uint32_t fresh = pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX;
    pthread_mutex_lock(&self->lock);
    bool changed = self->num_pages != fresh;
    self->num_pages = fresh;
    bool hears = changed && self->live;
    pthread_mutex_unlock(&self->lock);
    if (hears)
        abx_virtio_config_changed(self->server.transport);
}

abx_status abx_virtio_balloon_set_target(void *object, uint64_t bytes)
{
    balloon *self = object;
    uint64_t least = self->config.minimum ? self->config.minimum : 1;
    if (bytes < least || bytes > self->memory.size)
        return abx_fail(ABX_ERR_LIMIT, 0, "It must be at least the balloon's minimum and at most the machine's memory.",
                        "set the balloon's target to %llu bytes", (unsigned long long)bytes);
    if (self->automatic)
        abx_balloon_auto_set_target(self->automatic, bytes);
    else
        balloon_aim(self, bytes);
    return ABX_OK;
}

void abx_virtio_balloon_get_info(void *object, abx_balloon_info *info)
{
    balloon *self = object;
    pthread_mutex_lock(&self->lock);
    info->target = balloon_target(self);
    info->actual_known = self->live;
    info->actual = balloon_kept(self);
    info->statistics_ns = self->statistics_ns;
    info->known = self->statistics.known;
    memcpy(info->statistics, self->statistics.values, sizeof(info->statistics));
    info->hint_runs = self->hint.runs;
    info->hinted = self->hint.bytes;
    info->reported = self->reported;
    info->reported_ns = self->reported_ns;
    pthread_mutex_unlock(&self->lock);
    info->discarded = atomic_load(&self->memory.discarded);
    info->discard_failures = atomic_load(&self->memory.failures);
}

abx_status abx_virtio_balloon_ask(void *object)
{
    balloon *self = object;
    pthread_mutex_lock(&self->lock);
    bool able = self->live && (self->features & BALLOON_F_STATS_VQ);
    if (able)
        self->asked = true;
    pthread_mutex_unlock(&self->lock);
    if (!able)
        return abx_fail(ABX_ERR_STATE, 0, "Its kernel needs a virtio balloon driver that knows statistics.",
                        "ask the guest about its memory");
    abx_virtio_worker_ring(&self->server.worker);
    return ABX_OK;
}
