/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon_auto.h"

#include "balloon_policy.h"
#include "host_pressure.h"
#include "virtio/balloon_internal.h"

#include <stdlib.h>
#include <time.h>

struct abx_balloon_auto {
    balloon *balloon;
    abx_host_pressure *pressure;
    abx_loop_timer *timer;
    abx_loop_task task;

    pthread_mutex_t lock; /* of what follows. Taken before the balloon's */
    bool paused;
    uint64_t answers; /* that have been looked at */
    abx_balloon_policy policy;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Does what the policy wants. */
static void carry_out(abx_balloon_auto *self)
{
    balloon_aim(self->balloon, self->policy.target);
    if (self->policy.ask)
        (void)!abx_virtio_balloon_ask(self->balloon); /* one that cannot answer is one that does not */
    self->policy.ask = false;
}

/* Nothing is taken from a guest that could not tell how it fares, or take memory back in need. */
static bool can_follow(const balloon *of)
{
    const uint64_t needed = BALLOON_F_STATS_VQ | BALLOON_F_DEFLATE_ON_OOM;
    return of->live && (of->features & needed) == needed;
}

static uint64_t available(const abx_balloon_statistics *statistics)
{
    bool known = statistics->known & 1u << ABX_BALLOON_AVAILABLE;
    return statistics->values[known ? ABX_BALLOON_AVAILABLE : ABX_BALLOON_FREE];
}

/* What the guest did since the last look. */
static void look(abx_balloon_auto *self)
{
    balloon *of = self->balloon;
    pthread_mutex_lock(&of->lock);
    bool follows = can_follow(of);
    uint64_t kept = balloon_kept(of), answers = of->answers;
    abx_balloon_statistics statistics = of->statistics;
    pthread_mutex_unlock(&of->lock);
    if (!follows)
        return;
    if (kept != self->policy.kept)
        abx_balloon_policy_kept(&self->policy, now_ms(), kept);
    if (answers != self->answers && statistics.known & (1u << ABX_BALLOON_AVAILABLE | 1u << ABX_BALLOON_FREE))
        abx_balloon_policy_available(&self->policy, now_ms(), available(&statistics));
    self->answers = answers;
}

static void act(abx_balloon_auto *self, void (*what)(abx_balloon_auto *self))
{
    pthread_mutex_lock(&self->lock);
    if (!self->paused) {
        what(self);
        if (self->policy.timer_set)
            abx_loop_timer_set(self->timer, self->policy.timer_ms);
        self->policy.timer_set = false;
        carry_out(self);
    }
    pthread_mutex_unlock(&self->lock);
}

static void changed(void *argument)
{
    act(argument, look);
}

static void press(abx_balloon_auto *self)
{
    pthread_mutex_lock(&self->balloon->lock);
    bool follows = can_follow(self->balloon);
    pthread_mutex_unlock(&self->balloon->lock);
    if (follows)
        abx_balloon_policy_pressure(&self->policy, now_ms());
}

static void pressed(void *argument)
{
    abx_balloon_auto *self = argument;
    const abx_device_host *host = &self->balloon->host;
    host->tell(host->machine, ABX_EVENT_MEMORY_PRESSURE, 0, "some of the host's programs wait for memory");
    act(self, press);
}

static void run_out(abx_balloon_auto *self)
{
    abx_balloon_policy_timer(&self->policy, now_ms());
}

static void expired(void *argument)
{
    act(argument, run_out);
}

abx_status abx_balloon_auto_new(abx_balloon_auto **out, struct balloon *of)
{
    abx_balloon_auto *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "let a balloon follow the host's memory pressure");
    self->balloon = of;
    self->paused = true;
    self->task = (abx_loop_task){ .run = changed, .argument = self };
    abx_balloon_policy_init(&self->policy, of->memory.size, of->config.minimum);
    if (of->config.target)
        abx_balloon_policy_moved(&self->policy, of->config.target);
    abx_status status = abx_loop_timer_new(&self->timer, of->host.loop, expired, self);
    if (status == ABX_OK)
        status = abx_host_pressure_new(&self->pressure, of->host.loop, pressed, self);
    if (status != ABX_OK) {
        abx_loop_timer_free(self->timer);
        free(self);
        return status;
    }
    pthread_mutex_init(&self->lock, NULL);
    *out = self;
    return ABX_OK;
}

void abx_balloon_auto_free(abx_balloon_auto *self)
{
    if (!self)
        return;
    abx_host_pressure_free(self->pressure);
    abx_loop_cancel(self->balloon->host.loop, &self->task);
    abx_loop_timer_free(self->timer);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

/* A deadline that the pause cut short begins again. */
void abx_balloon_auto_resume(abx_balloon_auto *self)
{
    pthread_mutex_lock(&self->lock);
    self->paused = false;
    self->policy.timer_set = self->policy.timer_ms > 0;
    pthread_mutex_unlock(&self->lock);
    abx_balloon_auto_changed(self);
}

void abx_balloon_auto_pause(abx_balloon_auto *self)
{
    pthread_mutex_lock(&self->lock);
    self->paused = true;
    pthread_mutex_unlock(&self->lock);
}

void abx_balloon_auto_changed(abx_balloon_auto *self)
{
    abx_loop_post(self->balloon->host.loop, &self->task);
}

void abx_balloon_auto_set_target(abx_balloon_auto *self, uint64_t bytes)
{
    pthread_mutex_lock(&self->lock);
    abx_balloon_policy_moved(&self->policy, bytes);
    balloon_aim(self->balloon, bytes);
    pthread_mutex_unlock(&self->lock);
    abx_balloon_auto_changed(self);
}
