/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon_hint.h"

#include "boot/bytes.h"
#include "virtio/balloon_internal.h"
#include "virtio/pieces.h"

#include <stdlib.h>

/* VIRTIO_BALLOON_CMD_ID_…; all other values are ids. */
enum { COMMAND_STOP, COMMAND_DONE, FIRST_ID };

static const char operation[] = "ask the guest what memory is free";

static bool is_open(const abx_balloon_hint *hint)
{
    return hint->step == ABX_HINT_ASKED || hint->step == ABX_HINT_TAKES;
}

/* Under the lock: there is a run, and this is what came of it. */
static void conclude(balloon *self, abx_status outcome)
{
    self->hint.step = ABX_HINT_OVER;
    self->hint.outcome = outcome;
    abx_loop_post(self->host.loop, &self->hint.task);
}

static uint32_t next_id(uint32_t last)
{
    return last >= FIRST_ID && last < UINT32_MAX ? last + 1 : FIRST_ID;
}

static abx_status fail_outcome(abx_status outcome)
{
    return outcome == ABX_ERR_LOST ? abx_fail(outcome, 0, "The guest's driver, or the machine, has ended.", operation)
                                   : abx_fail(outcome, 0, "Somebody cancelled it.", operation);
}

static abx_status list(const balloon *self, abx_balloon_range **ranges, size_t *count)
{
    abx_status outcome = self->hint.outcome;
    return outcome == ABX_OK ? abx_balloon_pages_list(&self->hint.pages, ranges, count) : fail_outcome(outcome);
}

static uint64_t sum(const abx_balloon_range *ranges, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += ranges[i].length;
    return bytes;
}

/* False: there is nothing to tell. */
static bool begin_to_tell(balloon *self)
{
    pthread_mutex_lock(&self->lock);
    bool over = self->hint.step == ABX_HINT_OVER;
    if (over)
        self->hint.step = ABX_HINT_TELLS;
    pthread_mutex_unlock(&self->lock);
    return over;
}

static void count_run(balloon *self, uint64_t bytes)
{
    pthread_mutex_lock(&self->lock);
    self->hint.runs++;
    self->hint.bytes += bytes;
    pthread_mutex_unlock(&self->lock);
}

/* The guest gets its pages back. */
static void release(balloon *self)
{
    pthread_mutex_lock(&self->lock);
    bool hears = self->hint.command >= FIRST_ID && self->live;
    if (self->hint.command >= FIRST_ID)
        self->hint.command = COMMAND_DONE;
    self->hint.step = ABX_HINT_NONE;
    pthread_mutex_unlock(&self->lock);
    if (hears)
        abx_virtio_config_changed(self->server.transport);
}

/* In the loop. */
static void tell(void *argument)
{
    balloon *self = argument;
    abx_balloon_range *ranges = NULL;
    size_t count = 0;
    if (!begin_to_tell(self))
        return;
    abx_status status = list(self, &ranges, &count);
    if (status == ABX_OK)
        count_run(self, sum(ranges, count));
    self->hint.done(self->hint.payload, status, ranges, count);
    free(ranges);
    abx_balloon_pages_end(&self->hint.pages);
    release(self);
    if (status != ABX_OK)
        return;
    pthread_mutex_lock(&self->lock);
    uint64_t kept = balloon_kept(self);
    pthread_mutex_unlock(&self->lock);
    self->host.tell(self->host.machine, ABX_EVENT_BALLOON, kept, "hints");
}

void abx_balloon_hint_init(balloon *self)
{
    self->hint.task = (abx_loop_task){ .run = tell, .argument = self };
}

/* An id that is not the one that was asked for, or none at all, begins what counts for nothing. */
static void take_command(balloon *self, const abx_virtqueue_chain *chain)
{
    uint8_t bytes[4] = { 0 };
    bool whole = abx_pieces_read(chain->readable, chain->readable_count, 0, bytes, sizeof(bytes)) == sizeof(bytes);
    uint32_t command = abx_get_le32(bytes);
    abx_balloon_hint *hint = &self->hint;
    pthread_mutex_lock(&self->lock);
    if (is_open(hint)) {
        if (whole && command == hint->command)
            hint->step = ABX_HINT_TAKES;
        else if (whole && command == COMMAND_STOP && hint->step == ABX_HINT_TAKES)
            conclude(self, ABX_OK);
        else
            hint->step = ABX_HINT_ASKED;
    }
    pthread_mutex_unlock(&self->lock);
}

/* The content of poisoned pages counts: they are not free to whoever would leave them out. */
uint64_t abx_balloon_hint_take(balloon *self, const abx_virtqueue_chain *chain)
{
    if (chain->readable_length > 0)
        take_command(self, chain);
    pthread_mutex_lock(&self->lock);
    bool takes = self->hint.step == ABX_HINT_TAKES && !balloon_is_poisoned(self);
    pthread_mutex_unlock(&self->lock);
    for (uint32_t i = 0; i < chain->writable_count && takes; i++)
        abx_balloon_pages_add(&self->hint.pages, &chain->writable[i]);
    return 0;
}

void abx_balloon_hint_reset(balloon *self)
{
    pthread_mutex_lock(&self->lock);
    self->hint.command = COMMAND_STOP;
    if (is_open(&self->hint))
        conclude(self, ABX_ERR_LOST);
    pthread_mutex_unlock(&self->lock);
}

/* The loop has forgotten what was handed to it. */
void abx_balloon_hint_end(balloon *self)
{
    pthread_mutex_lock(&self->lock);
    self->live = false;
    if (is_open(&self->hint))
        conclude(self, ABX_ERR_LOST);
    pthread_mutex_unlock(&self->lock);
    abx_loop_cancel(self->host.loop, &self->hint.task);
    tell(self);
}

abx_status abx_virtio_balloon_hint(void *object, abx_balloon_hinted done, void *payload)
{
    balloon *self = object;
    abx_balloon_hint *hint = &self->hint;
    abx_balloon_pages pages;
    abx_status status = abx_balloon_pages_init(&pages, self->host.vm);
    if (status != ABX_OK)
        return status;
    pthread_mutex_lock(&self->lock);
    bool able = self->live && (self->features & BALLOON_F_FREE_PAGE_HINT);
    bool begins = able && hint->step == ABX_HINT_NONE;
    if (begins) {
        hint->step = ABX_HINT_ASKED;
        hint->command = hint->last_id = next_id(hint->last_id);
        hint->done = done;
        hint->payload = payload;
        hint->pages = pages;
    }
    pthread_mutex_unlock(&self->lock);
    if (begins) {
        abx_virtio_config_changed(self->server.transport);
        return ABX_OK;
    }
    abx_balloon_pages_end(&pages);
    if (able)
        return abx_fail(ABX_ERR_BUSY, 0, "It is being asked: wait, or cancel that.", operation);
    return abx_fail(ABX_ERR_STATE, 0, "Its kernel needs a virtio balloon driver that knows free page hinting.",
                    operation);
}

typedef struct cancelling {
    balloon *balloon;
    bool found;
} cancelling;

static void cancel(void *argument)
{
    cancelling *call = argument;
    balloon *self = call->balloon;
    pthread_mutex_lock(&self->lock);
    if (is_open(&self->hint))
        conclude(self, ABX_ERR_STATE);
    call->found = self->hint.step == ABX_HINT_OVER;
    pthread_mutex_unlock(&self->lock);
    abx_loop_cancel(self->host.loop, &self->hint.task);
    tell(self);
}

abx_status abx_virtio_balloon_cancel_hint(void *object)
{
    balloon *self = object;
    cancelling call = { self, false };
    abx_loop_call(self->host.loop, cancel, &call);
    return call.found ? ABX_OK : abx_fail(ABX_ERR_STATE, 0, "Nobody asks it.", "cancel asking what memory is free");
}
