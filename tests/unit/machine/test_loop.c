/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The event loop, in a thread of its own and turned by the test. */
#include "machine_test.h"

#include "loop.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 1000 };

static abx_loop *loop;

static int make(void **state)
{
    (void)state;
    return abx_loop_new(&loop) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    abx_loop_stop(loop);
    abx_loop_free(loop);
    return 0;
}

static void add_one(void *argument)
{
    atomic_fetch_add((atomic_uint *)argument, 1);
}

typedef struct poster {
    abx_loop_task task;
    atomic_uint runs;
    atomic_uint calls;
} poster;

static void *post_many(void *argument)
{
    poster *self = argument;
    for (int i = 0; i < ROUNDS; i++) {
        abx_loop_post(loop, &self->task);
        abx_loop_call(loop, add_one, &self->calls);
    }
    return NULL;
}

/* A post that finds its task waiting is that one; a call is never lost. */
static void tasks_come_from_any_thread(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    poster posters[THREADS] = { 0 };
    assert_int_equal(abx_loop_start(loop), ABX_OK);
    for (int i = 0; i < THREADS; i++) {
        posters[i].task = (abx_loop_task){ .run = add_one, .argument = &posters[i].runs };
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(atomic_load(&posters[i].calls), ROUNDS);
        assert_in_range(atomic_load(&posters[i].runs), 1, ROUNDS);
    }
}

static void posts_itself(void *argument)
{
    poster *self = argument;
    if (atomic_fetch_add(&self->runs, 1) < 10)
        abx_loop_post(loop, &self->task);
}

static void a_task_may_post_itself(void **state)
{
    (void)state;
    poster self = { .task = { .run = posts_itself, .argument = &self } };
    assert_int_equal(abx_loop_timeout(loop), 0);
    abx_loop_dispatch(loop);
    abx_loop_post(loop, &self.task);
    abx_loop_post(loop, &self.task);
    struct pollfd turn = { .fd = abx_loop_fd(loop), .events = POLLIN };
    for (unsigned runs = 1; runs <= 11; runs++) {
        assert_int_equal(poll(&turn, 1, 10000), 1);
        abx_loop_dispatch(loop);
    }
    assert_int_equal(atomic_load(&self.runs), 11);
    assert_int_equal(poll(&turn, 1, 0), 0);
    assert_int_equal(abx_loop_timeout(loop), -1);
}

static void a_cancelled_task_does_not_run(void **state)
{
    (void)state;
    poster posters[3] = { 0 };
    for (int i = 0; i < 3; i++) {
        posters[i].task = (abx_loop_task){ .run = add_one, .argument = &posters[i].runs };
        abx_loop_post(loop, &posters[i].task);
    }
    abx_loop_cancel(loop, &posters[2].task);
    abx_loop_cancel(loop, &posters[2].task);
    abx_loop_cancel(loop, &posters[0].task);
    abx_loop_post(loop, &posters[0].task);
    abx_loop_dispatch(loop);
    assert_int_equal(atomic_load(&posters[0].runs), 1);
    assert_int_equal(atomic_load(&posters[1].runs), 1);
    assert_int_equal(atomic_load(&posters[2].runs), 0);
}

typedef struct seen {
    int fd;
    unsigned times;
    unsigned events;
} seen;

static void look(void *argument, unsigned events)
{
    seen *self = argument;
    char byte;
    self->times++;
    self->events = events;
    if (events & ABX_LOOP_READABLE)
        assert_int_equal(read(self->fd, &byte, 1), 1);
}

static void watches_see_what_they_wait_for(void **state)
{
    (void)state;
    int pair[2];
    abx_loop_watch *watch;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    seen saw = { .fd = pair[0] };
    assert_int_equal(abx_loop_watch_new(&watch, loop, pair[0], look, &saw), ABX_OK);
    /* The caller's descriptor is as it was. */
    assert_false(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    assert_int_equal(write(pair[1], "ab", 2), 2);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, 0);
    abx_loop_watch_set(watch, ABX_LOOP_READABLE);
    assert_int_equal(abx_loop_timeout(loop), 0);
    abx_loop_dispatch(loop);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, 2);
    assert_int_equal(saw.events, ABX_LOOP_READABLE);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, 2);
    abx_loop_watch_set(watch, ABX_LOOP_WRITABLE);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.events, ABX_LOOP_WRITABLE);
    unsigned before = saw.times;
    abx_loop_watch_set(watch, 0);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, before);
    abx_loop_watch_set(watch, ABX_LOOP_READABLE | ABX_LOOP_WRITABLE);
    abx_loop_watch_free(watch);
    assert_int_equal(write(pair[1], "c", 1), 1);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, before);
    close(pair[0]);
    close(pair[1]);
}

static void a_pipe_without_a_reader_is_a_fault(void **state)
{
    (void)state;
    int ends[2];
    abx_loop_watch *watch;
    seen saw = { .fd = -1 };
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(abx_loop_watch_new(&watch, loop, ends[1], look, &saw), ABX_OK);
    close(ends[0]);
    abx_loop_watch_set(watch, ABX_LOOP_WRITABLE);
    abx_loop_dispatch(loop);
    abx_loop_dispatch(loop);
    assert_int_equal(saw.times, 1);
    assert_int_equal(saw.events, ABX_LOOP_FAULT);
    abx_loop_watch_free(watch);
    close(ends[1]);
}

static void what_cannot_be_watched_is_told(void **state)
{
    (void)state;
    abx_loop_watch *watch = NULL;
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && file >= 0);
    assert_int_equal(abx_loop_watch_new(&watch, loop, file, look, NULL), ABX_ERR_NOT_SUPPORTED);
    close(fd);
    assert_int_not_equal(abx_loop_watch_new(&watch, loop, fd, look, NULL), ABX_OK);
    assert_null(watch);
    close(file);
}

static void timers_expire_once(void **state)
{
    (void)state;
    abx_loop_timer *timer, *other;
    atomic_uint expired = 0, never = 0;
    assert_int_equal(abx_loop_timer_new(&timer, loop, add_one, &expired), ABX_OK);
    assert_int_equal(abx_loop_timer_new(&other, loop, add_one, &never), ABX_OK);
    abx_loop_dispatch(loop);
    assert_int_equal(abx_loop_timeout(loop), -1);
    abx_loop_timer_set(other, 1);
    abx_loop_timer_set(timer, 20);
    abx_loop_timer_set(other, 0);
    abx_loop_dispatch(loop);
    while (atomic_load(&expired) == 0) {
        struct pollfd turn = { .fd = abx_loop_fd(loop), .events = POLLIN };
        assert_int_not_equal(abx_loop_timeout(loop), -1);
        poll(&turn, 1, abx_loop_timeout(loop));
        abx_loop_dispatch(loop);
    }
    assert_int_equal(abx_loop_timeout(loop), -1);
    assert_int_equal(atomic_load(&expired), 1);
    assert_int_equal(atomic_load(&never), 0);
    abx_loop_timer_free(timer);
    abx_loop_timer_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tasks_come_from_any_thread, make, end),
        cmocka_unit_test_setup_teardown(a_task_may_post_itself, make, end),
        cmocka_unit_test_setup_teardown(a_cancelled_task_does_not_run, make, end),
        cmocka_unit_test_setup_teardown(watches_see_what_they_wait_for, make, end),
        cmocka_unit_test_setup_teardown(a_pipe_without_a_reader_is_a_fault, make, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_watched_is_told, make, end),
        cmocka_unit_test_setup_teardown(timers_expire_once, make, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
