/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_dirty.h"

#include "memory_space_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static abx_status set_log(abx_memory_space *space, abx_gpa gpa, bool on, bool *changed)
{
    abx_region *region = abx_memory_space_region(space, gpa, "log written pages of memory");
    if (!region) {
        return ABX_ERR_NOT_FOUND;
    }
    if (on == ((region->slot.flags & ABX_MEMORY_LOG_DIRTY) != 0)) {
        return ABX_OK;
    }
    bool fresh = on && !region->log;
    abx_status status = on ? abx_region_prepare_log(region, space->page_shift) : ABX_OK;
    if (status != ABX_OK) {
        return status;
    }
    abx_slot slot = region->slot;
    slot.flags ^= ABX_MEMORY_LOG_DIRTY;
    status = space->backend->memory_set_flags(space->backend_vm, &slot);
    if (status != ABX_OK) {
        if (fresh) {
            free(region->log);
            region->log = NULL;
        }
        return status;
    }
    region->slot.flags = slot.flags;
    atomic_store(&region->dirty, on ? region->log : NULL);
    *changed = true;
    return ABX_OK;
}

abx_status abx_memory_space_log_dirty(abx_memory_space *space, abx_gpa gpa, bool on)
{
    if (!abx_capabilities_has(space->caps, ABX_CAP_DIRTY_LOG) || !space->backend->memory_set_flags) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "This backend keeps no log of written pages.",
                        "log written pages of memory at 0x%" PRIx64, gpa);
    }
    bool changed = false;
    pthread_mutex_lock(&space->lock);
    abx_status status = set_log(space, gpa, on, &changed);
    pthread_mutex_unlock(&space->lock);
    if (changed && on) {
        /* Who got a pointer before may still write through it unseen: the log is complete once they have left. */
        abx_grace_wait(&space->grace);
    }
    return status;
}

/* Under the lock: the region, its log being on and its pages fitting `words`; otherwise NULL and `*status`. */
static abx_region *logged_region(abx_memory_space *space, abx_gpa gpa, size_t words, const char *operation,
                                 abx_status *status)
{
    abx_region *region = abx_memory_space_region(space, gpa, operation);
    if (!region) {
        *status = ABX_ERR_NOT_FOUND;
        return NULL;
    }
    if (!(region->slot.flags & ABX_MEMORY_LOG_DIRTY)) {
        *status = abx_fail(ABX_ERR_STATE, 0, "Start the log first: abx_memory_log_dirty().", "%s at 0x%" PRIx64,
                           operation, gpa);
        return NULL;
    }
    if (words < region->log->words) {
        *status = abx_fail(ABX_ERR_LIMIT, 0, NULL, "%s at 0x%" PRIx64 ": the bitmap has %zu of %zu words", operation,
                           gpa, words, region->log->words);
        return NULL;
    }
    return region;
}

static abx_status get_locked(abx_memory_space *space, abx_gpa gpa, uint64_t *bitmap, size_t words)
{
    abx_status status;
    abx_region *region = logged_region(space, gpa, words, "fetch written pages of memory", &status);
    if (!region) {
        return status;
    }
    abx_dirty_log *log = region->log;
    memset(log->scratch, 0, log->words * sizeof(*bitmap));
    status = space->backend->memory_get_dirty(space->backend_vm, &region->slot, log->scratch);
    if (status != ABX_OK) {
        return status;
    }
    abx_dirty_log_merge(log, log->scratch);
    log->scratch[log->words - 1] &= abx_dirty_log_valid(log, log->words - 1);
    memcpy(bitmap, log->scratch, log->words * sizeof(*bitmap));
    return ABX_OK;
}

abx_status abx_memory_space_get_dirty(abx_memory_space *space, abx_gpa gpa, uint64_t *bitmap, size_t words)
{
    if (!space->backend->memory_get_dirty) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "This backend keeps no log of written pages.",
                        "fetch written pages of memory at 0x%" PRIx64, gpa);
    }
    pthread_mutex_lock(&space->lock);
    abx_status status = get_locked(space, gpa, bitmap, words);
    pthread_mutex_unlock(&space->lock);
    return status;
}

static abx_status clear_locked(abx_memory_space *space, abx_gpa gpa, const uint64_t *bitmap, size_t words)
{
    abx_status status;
    abx_region *region = logged_region(space, gpa, words, "clear written pages of memory", &status);
    if (!region) {
        return status;
    }
    abx_dirty_log *log = region->log;
    memcpy(log->scratch, bitmap, log->words * sizeof(*bitmap));
    log->scratch[log->words - 1] &= abx_dirty_log_valid(log, log->words - 1);
    status = space->backend->memory_clear_dirty(space->backend_vm, &region->slot, log->scratch);
    if (status == ABX_OK) {
        abx_dirty_log_clear(log, log->scratch);
    }
    return status;
}

abx_status abx_memory_space_clear_dirty(abx_memory_space *space, abx_gpa gpa, const uint64_t *bitmap, size_t words)
{
    if (!space->backend->memory_clear_dirty) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "This backend keeps no log of written pages.",
                        "clear written pages of memory at 0x%" PRIx64, gpa);
    }
    pthread_mutex_lock(&space->lock);
    abx_status status = clear_locked(space, gpa, bitmap, words);
    pthread_mutex_unlock(&space->lock);
    if (status == ABX_OK) {
        /* Who marked a page before it was cleared here may write it only now. Once they have left, a copy of the page
         * made by the caller holds what they wrote; later writers mark it anew. */
        abx_grace_wait(&space->grace);
    }
    return status;
}
