/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "balloon_policy.h"

#define MIB UINT64_C(0x100000)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void abx_balloon_policy_init(abx_balloon_policy *policy, uint64_t memory, uint64_t floor)
{
    uint64_t least = floor ? floor : larger(memory / 4, 128 * MIB);
    *policy = (abx_balloon_policy){
        .memory = memory,
        .floor = smaller(least, memory),
        .kept = memory,
        .target = memory,
    };
}

uint64_t abx_balloon_policy_low(const abx_balloon_policy *policy)
{
    return policy->memory / 16;
}

uint64_t abx_balloon_policy_enough(const abx_balloon_policy *policy)
{
    return policy->memory / 8;
}

static uint64_t step_of(const abx_balloon_policy *policy)
{
    return policy->memory / 8;
}

/* Less is not worth the work. */
static uint64_t least_step(const abx_balloon_policy *policy)
{
    return policy->memory / 64;
}

static void enter(abx_balloon_policy *policy, abx_balloon_state state, uint32_t timer_ms)
{
    policy->state = state;
    policy->timer_set = true;
    policy->timer_ms = timer_ms;
}

static void ask(abx_balloon_policy *policy, abx_balloon_state state)
{
    policy->ask = true;
    enter(policy, state, ABX_BALLOON_ANSWER_MS);
}

static void back_off(abx_balloon_policy *policy, uint64_t now)
{
    policy->back_off = policy->back_off ? smaller(2 * policy->back_off, ABX_BALLOON_BACK_OFF_MAX_MS)
                                        : (uint64_t)ABX_BALLOON_BACK_OFF_MS;
    policy->quiet_until = now + policy->back_off;
}

/* Half of the patience that failures taught: one success does not undo all of them. */
static void succeed(abx_balloon_policy *policy, uint64_t now)
{
    policy->back_off /= 2;
    if (policy->back_off < ABX_BALLOON_BACK_OFF_MS)
        policy->back_off = 0;
    policy->quiet_until = now + ABX_BALLOON_PAUSE_MS;
}

static void rest(abx_balloon_policy *policy)
{
    enter(policy, ABX_BALLOON_QUIET, 0);
}

/* The guest needs memory: from what it has, or was to have, one step up. */
static void grow(abx_balloon_policy *policy)
{
    policy->target = smaller(policy->memory, larger(policy->target, policy->kept) + step_of(policy));
    enter(policy, ABX_BALLOON_GROWING, ABX_BALLOON_SETTLE_MS);
}

static void shrink(abx_balloon_policy *policy, uint64_t now, uint64_t available)
{
    uint64_t enough = abx_balloon_policy_enough(policy);
    uint64_t spare = available > enough ? available - enough : 0;
    uint64_t room = policy->target > policy->floor ? policy->target - policy->floor : 0;
    uint64_t step = smaller(smaller(spare, room), step_of(policy));
    if (step < least_step(policy)) {
        back_off(policy, now);
        rest(policy);
        return;
    }
    policy->target -= step;
    enter(policy, ABX_BALLOON_SHRINKING, ABX_BALLOON_STEP_MS);
}

void abx_balloon_policy_pressure(abx_balloon_policy *policy, uint64_t now)
{
    if (policy->state == ABX_BALLOON_QUIET && now >= policy->quiet_until)
        ask(policy, ABX_BALLOON_LOOKING);
}

/* What was taken was too much. */
static void return_some(abx_balloon_policy *policy, uint64_t now)
{
    back_off(policy, now);
    grow(policy);
}

void abx_balloon_policy_available(abx_balloon_policy *policy, uint64_t now, uint64_t bytes)
{
    bool low = bytes < abx_balloon_policy_low(policy) && policy->target < policy->memory;
    switch (policy->state) {
    case ABX_BALLOON_LOOKING:
        shrink(policy, now, bytes);
        break;
    case ABX_BALLOON_CHECKING:
        if (low) {
            return_some(policy, now);
        } else {
            succeed(policy, now);
            rest(policy);
        }
        break;
    case ABX_BALLOON_WEIGHING:
        if (bytes < abx_balloon_policy_enough(policy) && policy->target < policy->memory)
            grow(policy);
        else
            rest(policy);
        break;
    case ABX_BALLOON_QUIET: /* somebody else has asked */
        if (low)
            return_some(policy, now);
        break;
    case ABX_BALLOON_SHRINKING:
    case ABX_BALLOON_SETTLING:
    case ABX_BALLOON_GROWING:
        break;
    }
}

void abx_balloon_policy_kept(abx_balloon_policy *policy, uint64_t now, uint64_t bytes)
{
    bool taken = bytes > policy->kept && bytes > policy->target;
    policy->kept = bytes;
    if (taken)
        return_some(policy, now);
    else if (policy->state == ABX_BALLOON_SHRINKING && bytes <= policy->target)
        enter(policy, ABX_BALLOON_SETTLING, ABX_BALLOON_SETTLE_MS);
}

/* The guest is asked no more for what it could not give: its driver would try for ever. */
static void settle_for_less(abx_balloon_policy *policy, uint64_t now)
{
    policy->target = smaller(policy->memory, larger(policy->kept, policy->target));
    back_off(policy, now);
    rest(policy);
}

void abx_balloon_policy_timer(abx_balloon_policy *policy, uint64_t now)
{
    policy->timer_ms = 0; /* it has expired */
    switch (policy->state) {
    case ABX_BALLOON_SETTLING:
        ask(policy, ABX_BALLOON_CHECKING);
        break;
    case ABX_BALLOON_GROWING:
        ask(policy, ABX_BALLOON_WEIGHING);
        break;
    case ABX_BALLOON_SHRINKING:
        settle_for_less(policy, now);
        break;
    case ABX_BALLOON_LOOKING:
    case ABX_BALLOON_CHECKING:
    case ABX_BALLOON_WEIGHING: /* the guest does not answer */
        back_off(policy, now);
        rest(policy);
        break;
    case ABX_BALLOON_QUIET:
        break;
    }
}

void abx_balloon_policy_moved(abx_balloon_policy *policy, uint64_t target)
{
    policy->target = target;
    rest(policy);
}
