/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * When a guest's balloon shall grow and shrink by itself. Pure logic: it is told what happened and says what to do.
 *
 * One pressure of the host is one step: the guest's statistics are asked for, it is asked for part of what it can
 * spare, and some time after it gave that a look at the statistics says whether it was too much. A guest that takes
 * memory back by itself (VIRTIO_BALLOON_F_DEFLATE_ON_OOM) or turns out to be low gets more, step by step, until it has
 * enough. What was of no use, or too much, makes the policy wait longer before it tries again: twice as long each time.
 * Between low and enough nothing happens, and outside of a step no timer runs.
 */
#ifndef ABX_VMM_BALLOON_POLICY_H
#define ABX_VMM_BALLOON_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/* In milliseconds. */
enum {
    ABX_BALLOON_ANSWER_MS = 5000,          /* how long statistics may take */
    ABX_BALLOON_STEP_MS = 10000,           /* how long the guest may take for a step */
    ABX_BALLOON_SETTLE_MS = 2000,          /* from a step to the look at what it did */
    ABX_BALLOON_PAUSE_MS = 2000,           /* between two steps that went well */
    ABX_BALLOON_BACK_OFF_MS = 10000,       /* after the first that did not */
    ABX_BALLOON_BACK_OFF_MAX_MS = 1280000, /* … and at most */
};

typedef enum abx_balloon_state {
    ABX_BALLOON_QUIET = 0,
    ABX_BALLOON_LOOKING,   /* pressure: waits for statistics */
    ABX_BALLOON_SHRINKING, /* waits for the guest to give */
    ABX_BALLOON_SETTLING,  /* it gave: waits before the look at what that did */
    ABX_BALLOON_CHECKING,  /* waits for statistics of that look */
    ABX_BALLOON_GROWING,   /* it got some back: waits before the look whether that is enough */
    ABX_BALLOON_WEIGHING,  /* waits for statistics of that look */
} abx_balloon_state;

typedef struct abx_balloon_policy {
    uint64_t memory; /* of the guest, in bytes */
    uint64_t floor;  /* what it always keeps */
    abx_balloon_state state;
    uint64_t kept;        /* what the guest has now */
    uint64_t quiet_until; /* ms: no step begins before */
    uint64_t back_off;    /* ms: the last one; 0: none */

    /* What to do, for the caller to look at after each call. */
    uint64_t target; /* what the guest shall be asked to do with */
    bool ask;        /* statistics are wanted: the caller asks for them and clears this */
    bool timer_set;  /* a timer is to be set, to `timer_ms` from now, 0: off. The caller does so and clears this */
    uint32_t timer_ms;
} abx_balloon_policy;

/* A guest of `memory` bytes that has all of it. `floor` 0: a quarter of that, and at least 128 MiB. */
void abx_balloon_policy_init(abx_balloon_policy *policy, uint64_t memory, uint64_t floor);

/* Below `low` available bytes the guest needs more; what is above `enough` can be taken. */
uint64_t abx_balloon_policy_low(const abx_balloon_policy *policy);
uint64_t abx_balloon_policy_enough(const abx_balloon_policy *policy);

/* What happened, at `now` ms of a clock that only goes on. */
void abx_balloon_policy_pressure(abx_balloon_policy *policy, uint64_t now);                  /* the host's */
void abx_balloon_policy_available(abx_balloon_policy *policy, uint64_t now, uint64_t bytes); /* statistics came */
void abx_balloon_policy_kept(abx_balloon_policy *policy, uint64_t now, uint64_t bytes);      /* the guest changed it */
void abx_balloon_policy_timer(abx_balloon_policy *policy, uint64_t now);

/* Somebody else set the target: the policy goes on from there. */
void abx_balloon_policy_moved(abx_balloon_policy *policy, uint64_t target);

#endif
