/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "wake.h"
#include "wake_posts.h"

#include <pthread.h>

enum { ROUNDS = 50000 };

static void a_post_without_a_sleeper_is_nothing(void **state)
{
    (void)state;
    abx_wake wake;
    assert_int_equal(abx_wake_init(&wake), ABX_OK);
    abx_wake_post(&wake);
    abx_wake_post(&wake);
    assert_int_equal(wake_posts(&wake), 0);
    abx_wake_end(&wake);
}

static void a_post_before_the_sleep_ends_it_at_once(void **state)
{
    (void)state;
    abx_wake wake;
    assert_int_equal(abx_wake_init(&wake), ABX_OK);
    abx_wake_prepare(&wake);
    abx_wake_post(&wake);
    abx_wake_wait(&wake);
    abx_wake_end(&wake);
}

static void a_cancelled_sleep_leaves_nothing_behind(void **state)
{
    (void)state;
    abx_wake wake;
    assert_int_equal(abx_wake_init(&wake), ABX_OK);
    abx_wake_prepare(&wake);
    abx_wake_cancel(&wake);
    abx_wake_prepare(&wake);
    abx_wake_post(&wake);
    abx_wake_cancel(&wake);
    assert_int_equal(wake_posts(&wake), 0);
    assert_false(atomic_load(&wake.sleeping));
    abx_wake_end(&wake);
}

typedef struct pair {
    abx_wake wake;
    atomic_int given;
    atomic_int taken;
} pair;

static void *sleeper(void *argument)
{
    pair *p = argument;
    while (atomic_load(&p->taken) < ROUNDS) {
        abx_wake_prepare(&p->wake);
        if (atomic_load(&p->given) > atomic_load(&p->taken)) {
            abx_wake_cancel(&p->wake);
            atomic_fetch_add(&p->taken, 1);
        } else {
            abx_wake_wait(&p->wake);
        }
    }
    return NULL;
}

static void no_wake_up_is_lost(void **state)
{
    (void)state;
    pair p = { .given = 0 };
    pthread_t thread;
    assert_int_equal(abx_wake_init(&p.wake), ABX_OK);
    assert_int_equal(pthread_create(&thread, NULL, sleeper, &p), 0);
    for (int i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&p.given, 1);
        abx_wake_post(&p.wake);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&p.taken), ROUNDS);
    abx_wake_end(&p.wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_without_a_sleeper_is_nothing),
        cmocka_unit_test(a_post_before_the_sleep_ends_it_at_once),
        cmocka_unit_test(a_cancelled_sleep_leaves_nothing_behind),
        cmocka_unit_test(no_wake_up_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
