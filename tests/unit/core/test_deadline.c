/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "deadline.h"

#include <limits.h>

typedef struct door {
    pthread_mutex_t lock;
    pthread_cond_t condition;
    bool open;
} door;

static bool has_passed(abx_deadline deadline)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return now.tv_sec > deadline.at.tv_sec || (now.tv_sec == deadline.at.tv_sec && now.tv_nsec >= deadline.at.tv_nsec);
}

static void *open_it(void *argument)
{
    door *d = argument;
    pthread_mutex_lock(&d->lock);
    d->open = true;
    pthread_cond_signal(&d->condition);
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

static bool wait_for(door *d, abx_deadline deadline)
{
    bool in_time = true;
    while (!d->open && in_time)
        in_time = abx_deadline_wait(&d->condition, &d->lock, deadline);
    return in_time;
}

static void what_is_left_is_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(abx_deadline_left(abx_deadline_in(0)), 0);
    assert_in_range(abx_deadline_left(abx_deadline_in(5000)), 1, 5000);
    assert_in_range(abx_deadline_left(abx_deadline_in(INT_MAX)), INT_MAX - 60000, INT_MAX);
    abx_deadline past = abx_deadline_in(0);
    past.at.tv_sec -= 5;
    assert_int_equal(abx_deadline_left(past), 0);
    abx_deadline far = abx_deadline_in(0);
    far.at.tv_sec += (time_t)INT_MAX;
    assert_int_equal(abx_deadline_left(far), INT_MAX);
}

static void a_signal_ends_the_wait(void **state)
{
    (void)state;
    door d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    pthread_t thread;
    assert_int_equal(abx_condition_init(&d.condition), 0);
    pthread_mutex_lock(&d.lock);
    assert_int_equal(pthread_create(&thread, NULL, open_it, &d), 0);
    assert_true(wait_for(&d, abx_deadline_in(60000)));
    pthread_mutex_unlock(&d.lock);
    assert_true(d.open);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_cond_destroy(&d.condition);
}

static void so_does_its_time_and_not_sooner(void **state)
{
    (void)state;
    static const int lengths[] = { 0, 1, 20 };
    door d = { .lock = PTHREAD_MUTEX_INITIALIZER };
    assert_int_equal(abx_condition_init(&d.condition), 0);
    pthread_mutex_lock(&d.lock);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        abx_deadline deadline = abx_deadline_in(lengths[i]);
        assert_false(wait_for(&d, deadline));
        assert_true(has_passed(deadline));
    }
    pthread_mutex_unlock(&d.lock);
    pthread_cond_destroy(&d.condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_rounded_up),
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(so_does_its_time_and_not_sooner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
