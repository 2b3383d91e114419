/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What comes through a balloon's queues: section 5.5.6. */
#include "boot/bytes.h"
#include "virtio/balloon_auto.h"
#include "virtio/balloon_internal.h"
#include "virtio/pieces.h"

#include <stdlib.h>
#include <time.h>

enum {
    NUMBERS = 1024,          /* that are sorted and worked on at once */
    NUMBERS_MAX = 16 * 1024, /* in one request; Linux has 256 */
};

static int by_number(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

/* Numbers of pages, 32 bits each (5.5.6): in order, so that neighbours come together. */
static uint64_t take_pages(balloon *self, abx_virtqueue *queue, const abx_virtqueue_chain *chain,
                           void (*take)(abx_balloon_memory *memory, uint32_t number))
{
    uint32_t numbers[NUMBERS];
    uint64_t count = chain->readable_length / sizeof(numbers[0]);
    if (count > NUMBERS_MAX) {
        abx_virtqueue_break(queue, ABX_VIRTQUEUE_REFUSED);
        return 0;
    }
    for (uint64_t done = 0; done < count;) {
        uint64_t offset = done * sizeof(numbers[0]);
        size_t length = abx_pieces_read(chain->readable, chain->readable_count, offset, numbers, sizeof(numbers));
        size_t here = length / sizeof(numbers[0]);
        if (here == 0)
            break;
        for (size_t i = 0; i < here; i++)
            numbers[i] = abx_get_le32((const uint8_t *)&numbers[i]);
        qsort(numbers, here, sizeof(numbers[0]), by_number);
        for (size_t i = 0; i < here; i++) {
            if (i == 0 || numbers[i] != numbers[i - 1])
                take(&self->memory, numbers[i]);
        }
        done += here;
    }
    abx_balloon_memory_flush(&self->memory);
    return 0;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The buffer stays here until fresh statistics are wanted (5.5.6.3). Of a second one, which no driver has, nothing is
 * kept. */
static uint64_t take_statistics(balloon *self, const abx_virtqueue_chain *chain)
{
    abx_balloon_statistics fresh = abx_balloon_statistics_read(chain);
    pthread_mutex_lock(&self->lock);
    bool second = self->holds;
    self->holds = true;
    if (!second)
        self->held = *chain;
    self->statistics = fresh;
    self->statistics_ns = now_ns();
    self->answers++;
    bool tells = self->asked;
    self->asked = false;
    uint64_t kept = balloon_kept(self);
    pthread_mutex_unlock(&self->lock);
    if (tells)
        self->host.tell(self->host.machine, ABX_EVENT_BALLOON, kept, "statistics");
    if (self->automatic)
        abx_balloon_auto_changed(self->automatic);
    return second ? 0 : ABX_VIRTIO_SERVER_KEPT;
}

/* Counted before anything of it goes. With poison a page must keep its value (5.5.6.7.2): zeros are what discarded
 * pages have. */
static uint64_t take_report(balloon *self, const abx_virtqueue_chain *chain)
{
    pthread_mutex_lock(&self->lock);
    self->reported += chain->writable_length;
    self->reported_ns = now_ns();
    bool poisoned = balloon_is_poisoned(self);
    pthread_mutex_unlock(&self->lock);
    for (uint32_t i = 0; i < chain->writable_count && !poisoned; i++)
        abx_balloon_memory_report(&self->memory, &chain->writable[i]);
    abx_balloon_memory_flush(&self->memory);
    return 0;
}

uint64_t balloon_serve(void *device, abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    balloon *self = device;
    if (queue == self->server.queues[BALLOON_INFLATE])
        return take_pages(self, queue, chain, abx_balloon_memory_inflate);
    if (queue == self->server.queues[BALLOON_DEFLATE])
        return take_pages(self, queue, chain, abx_balloon_memory_deflate);
    if (queue == self->server.queues[BALLOON_STATISTICS])
        return take_statistics(self, chain);
    if (queue == self->server.queues[BALLOON_REPORT])
        return take_report(self, chain);
    return abx_balloon_hint_take(self, chain);
}

/* Gives the buffer of the statistics back when somebody wants to know. */
void balloon_attend(void *device)
{
    balloon *self = device;
    abx_virtqueue *queue = self->server.queues[BALLOON_STATISTICS];
    pthread_mutex_lock(&self->lock);
    bool gives = self->asked && self->holds && queue;
    if (gives)
        self->holds = false;
    abx_virtqueue_chain held = self->held;
    pthread_mutex_unlock(&self->lock);
    if (!gives)
        return;
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    abx_virtqueue_push(queue, &held, 0);
    abx_virtio_used(self->server.transport, queue);
    abx_memory_leave(self->host.vm, stay);
}
