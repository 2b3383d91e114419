/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "condition.h"

#include <errno.h>

typedef struct door {
    pthread_mutex_t lock;
    pthread_cond_t condition;
    bool open;
} door;

static struct timespec in_ms(long ms)
{
    struct timespec time;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &time), 0);
    time.tv_nsec += ms % 1000 * 1000000;
    time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static bool has_passed(const struct timespec *deadline)
{
    struct timespec now = in_ms(0);
    return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
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

static void set_up(door *d)
{
    *d = (door){ .lock = PTHREAD_MUTEX_INITIALIZER };
    assert_int_equal(abx_condition_init(&d->condition), 0);
}

static int wait_for(door *d, const struct timespec *deadline)
{
    int error = 0;
    while (!d->open && error == 0)
        error = abx_condition_wait_until(&d->condition, &d->lock, deadline);
    return error;
}

static void a_signal_ends_the_wait(void **state)
{
    (void)state;
    door d;
    pthread_t thread;
    set_up(&d);
    struct timespec deadline = in_ms(60000);
    pthread_mutex_lock(&d.lock);
    assert_int_equal(pthread_create(&thread, NULL, open_it, &d), 0);
    assert_int_equal(wait_for(&d, &deadline), 0);
    pthread_mutex_unlock(&d.lock);
    assert_false(has_passed(&deadline));
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_cond_destroy(&d.condition);
}

static void so_does_the_deadline_and_not_sooner(void **state)
{
    (void)state;
    static const long lengths[] = { 0, 1, 20 };
    door d;
    set_up(&d);
    pthread_mutex_lock(&d.lock);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct timespec deadline = in_ms(lengths[i]);
        assert_int_equal(wait_for(&d, &deadline), ETIMEDOUT);
        assert_true(has_passed(&deadline));
    }
    struct timespec past = in_ms(0);
    past.tv_sec -= 3;
    assert_int_equal(wait_for(&d, &past), ETIMEDOUT);
    pthread_mutex_unlock(&d.lock);
    pthread_cond_destroy(&d.condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(so_does_the_deadline_and_not_sooner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
