/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kicks before, during and after entry: each ends exactly one run, none is lost, none ends two. */
#include "exits.h"
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A million before entry by default; ABX_KICKS has another number for slow machines and sanitizers. */
static unsigned long kicks(void)
{
    const char *number = getenv("ABX_KICKS");
    return number ? strtoul(number, NULL, 10) : 1000000;
}

static void open_looping(guest *g)
{
    guest_open(g, "exits", NULL);
    guest_answer(g, LOOP);
}

/* Each kick before entry: the guest is not entered at all. */
static void test_before(void **state)
{
    (void)state;
    guest g;
    open_looping(&g);
    for (unsigned long i = 0; i < kicks(); i++) {
        abx_vcpu_kick(g.vcpu);
        guest_run(&g);
        if (g.exit.kind != ABX_EXIT_INTERRUPTED)
            fail_msg("kick %lu was lost", i);
    }
    guest_close(&g);
}

/* Several kicks before one run count once. */
static void test_once(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "exits", NULL);
    abx_vcpu_kick(g.vcpu);
    abx_vcpu_kick(g.vcpu);
    guest_run_to(&g, ABX_EXIT_INTERRUPTED);
    guest_answer(&g, 0);
    guest_expect_done(&g);
    guest_close(&g);
}

typedef struct kicker {
    abx_vcpu *vcpu;
    unsigned long count;
    atomic_ulong ended; /* runs that were ended by a kick */
} kicker;

/* Kicks as soon as the last kick has ended a run: the kick meets the vCPU anywhere on its way back into the guest. Each
 * is a signal to another thread and takes as long as a hundred of those before entry: hence a hundredth of them. */
static void *kick_on(void *argument)
{
    kicker *k = argument;
    for (unsigned long i = 0; i < k->count; i++) {
        while (atomic_load(&k->ended) < i)
            sched_yield();
        abx_vcpu_kick(k->vcpu);
    }
    return NULL;
}

static void test_around_entry(void **state)
{
    (void)state;
    guest g;
    open_looping(&g);
    kicker k = { .vcpu = g.vcpu, .count = kicks() / 100 };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, kick_on, &k), 0);
    /* A lost kick would leave the guest looping for ever: the test's time limit would tell. */
    for (unsigned long i = 0; i < k.count; i++) {
        guest_run_to(&g, ABX_EXIT_INTERRUPTED);
        atomic_fetch_add(&k.ended, 1);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    guest_close(&g);
}

static abx_vcpu *kicked_by_handler;

static void kick_from_handler(int signal)
{
    (void)signal;
    abx_vcpu_kick(kicked_by_handler);
}

/* A signal of the program's own does not end a run, unless its handler kicks. */
static void test_signals(void **state)
{
    (void)state;
    guest g;
    open_looping(&g);
    kicked_by_handler = g.vcpu;
    struct sigaction action = { .sa_handler = kick_from_handler };
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    timer_t timer;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    struct itimerspec soon = { .it_value.tv_nsec = 10000000 };
    assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
    guest_run_to(&g, ABX_EXIT_INTERRUPTED);
    assert_int_equal(timer_delete(timer), 0);
    action.sa_handler = SIG_DFL;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_around_entry),
        cmocka_unit_test(test_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
