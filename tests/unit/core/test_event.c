/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "event_queue.h"
#include "fake_manual.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 16, WRITERS = 3, PER_WRITER = 20000 };

static bool readable(int fd)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    assert_true(poll(&poller, 1, 0) >= 0);
    return poller.revents & POLLIN;
}

static void add(abx_event_queue *queue, uint64_t code)
{
    const abx_event event = { .kind = ABX_EVENT_USER, .code = code };
    abx_event_queue_add(queue, &event);
}

static void order_numbers_and_times(void **state)
{
    (void)state;
    abx_event_queue queue;
    abx_event event;
    uint64_t time = 0;
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (uint64_t round = 0; round < 5; round++) {
        for (uint64_t i = 0; i < 10; i++)
            add(&queue, round * 10 + i);
        for (uint64_t i = 0; i < 10; i++) {
            assert_true(readable(queue.ready.read_fd));
            assert_true(abx_event_queue_take(&queue, &event));
            assert_int_equal(event.code, round * 10 + i);
            assert_int_equal(event.sequence, round * 10 + i + 1);
            assert_true(event.timestamp_ns >= time && event.timestamp_ns > 0);
            time = event.timestamp_ns;
        }
        assert_false(readable(queue.ready.read_fd));
        assert_false(abx_event_queue_take(&queue, &event));
    }
    abx_event_queue_end(&queue);
}

static void expect(abx_event_queue *queue, uint32_t kind, uint64_t sequence, uint64_t code)
{
    abx_event event;
    assert_true(abx_event_queue_take(queue, &event));
    assert_int_equal(event.kind, kind);
    assert_int_equal(event.sequence, sequence);
    assert_int_equal(event.code, code);
}

static void overflow_is_told_where_it_happened(void **state)
{
    (void)state;
    abx_event_queue queue;
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (uint64_t i = 1; i <= CAPACITY + 3; i++)
        add(&queue, i);
    expect(&queue, ABX_EVENT_USER, 1, 1);
    /* 17, 18 and 19 were dropped; 20 is the number of the overflow, 21 comes after it. */
    add(&queue, 21);
    for (uint64_t i = 2; i <= CAPACITY; i++)
        expect(&queue, ABX_EVENT_USER, i, i);
    expect(&queue, ABX_EVENT_OVERFLOW, 20, 3);
    assert_true(readable(queue.ready.read_fd));
    expect(&queue, ABX_EVENT_USER, 21, 21);
    assert_false(readable(queue.ready.read_fd));
    abx_event_queue_end(&queue);
}

static void overflow_is_told_even_if_nothing_follows(void **state)
{
    (void)state;
    abx_event_queue queue;
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (uint64_t i = 1; i <= CAPACITY + 1; i++)
        add(&queue, i);
    for (uint64_t i = 1; i <= CAPACITY; i++)
        expect(&queue, ABX_EVENT_USER, i, i);
    assert_true(readable(queue.ready.read_fd));
    expect(&queue, ABX_EVENT_OVERFLOW, CAPACITY + 2, 1);
    assert_false(readable(queue.ready.read_fd));
    add(&queue, 5);
    expect(&queue, ABX_EVENT_USER, CAPACITY + 3, 5);
    abx_event_queue_end(&queue);
}

static void a_full_queue_still_takes_what_it_can(void **state)
{
    (void)state;
    abx_event_queue queue;
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    uint64_t told = 0, got = 0, given = 0;
    for (uint64_t i = 0; i < CAPACITY; i++, given++)
        add(&queue, i);
    /* Two come for each that is read. */
    for (int i = 0; i < 1000; i++) {
        abx_event event;
        add(&queue, 0);
        add(&queue, 0);
        given += 2;
        assert_true(abx_event_queue_take(&queue, &event));
        if (event.kind == ABX_EVENT_OVERFLOW)
            told += event.code;
        else
            got++;
    }
    abx_event event;
    while (abx_event_queue_take(&queue, &event)) {
        if (event.kind == ABX_EVENT_OVERFLOW)
            told += event.code;
        else
            got++;
    }
    assert_int_equal(told + got, given);
    assert_in_range(got, 400, given);
    abx_event_queue_end(&queue);
}

static void *writer(void *argument)
{
    abx_event_queue *queue = argument;
    for (uint64_t i = 0; i < PER_WRITER; i++)
        add(queue, 1);
    return NULL;
}

/* Every number is either an event's or is counted by an overflow, which has a number itself. */
static void writers_lose_nothing_silently(void **state)
{
    (void)state;
    abx_event_queue queue;
    pthread_t threads[WRITERS];
    uint64_t got = 0, lost = 0, last = 0;
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, writer, &queue), 0);
    while (got + lost < (uint64_t)WRITERS * PER_WRITER) {
        struct pollfd poller = { .fd = queue.ready.read_fd, .events = POLLIN };
        assert_true(poll(&poller, 1, -1) >= 0);
        abx_event event;
        while (abx_event_queue_take(&queue, &event)) {
            bool overflow = event.kind == ABX_EVENT_OVERFLOW;
            assert_int_equal(event.sequence, last + 1 + (overflow ? event.code : 0));
            last = event.sequence;
            lost += overflow ? event.code : 0;
            got += !overflow;
        }
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_false(readable(queue.ready.read_fd));
    abx_event_queue_end(&queue);
}

static void programs_post_their_own(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_event event = {
        .kind = ABX_EVENT_USER + 5, .vcpu = 3, .sequence = 99, .timestamp_ns = 1, .code = 8, .state = 2
    };
    memset(event.text, 'x', sizeof(event.text));
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    assert_false(readable(abx_event_fd(vm)));
    assert_int_equal(abx_event_post(vm, &event), ABX_OK);
    assert_true(readable(abx_event_fd(vm)));
    abx_event got;
    assert_int_equal(abx_event_next(vm, &got), ABX_OK);
    assert_int_equal(got.kind, ABX_EVENT_USER + 5);
    assert_int_equal(got.vcpu, 3);
    assert_int_equal(got.sequence, 1);
    assert_int_equal(got.code, 8);
    assert_int_equal(got.state, 0);
    assert_int_equal(strlen(got.text), sizeof(got.text) - 1);
    assert_true(got.timestamp_ns > 1);
    abx_vm_destroy(vm);
}

static void the_librarys_own_kinds_are_refused(void **state)
{
    (void)state;
    static const uint32_t kinds[] = { ABX_EVENT_NONE, ABX_EVENT_STATE, ABX_EVENT_OVERFLOW };
    abx_vm *vm = fake_manual_vm(1);
    abx_event event;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        event = (abx_event){ .kind = kinds[i] };
        assert_int_equal(abx_event_post(vm, &event), ABX_ERR_INVALID);
    }
    assert_int_equal(abx_event_post(NULL, &event), ABX_ERR_INVALID);
    assert_int_equal(abx_event_post(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_event_next(NULL, &event), ABX_ERR_INVALID);
    assert_int_equal(abx_event_next(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    assert_int_equal(abx_event_fd(NULL), -1);
    abx_vm_destroy(vm);
}

/* What an observer keeps is gone as soon as it is taken back: a sanitizer sees who comes late. */
static void count(void *payload, const abx_event *event)
{
    atomic_uint *seen = payload;
    atomic_fetch_add(seen, event->kind == ABX_EVENT_USER);
}

static void observers_come_and_go(void **state)
{
    (void)state;
    abx_event_queue queue;
    pthread_t writers[WRITERS];
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, writer, &queue), 0);
    for (int round = 0; round < 500; round++) {
        atomic_uint *seen = calloc(1, sizeof(*seen));
        const abx_event_watcher watcher = { count, seen };
        assert_int_equal(abx_event_queue_observe(&queue, &watcher), ABX_OK);
        assert_int_equal(abx_event_queue_observe(&queue, &watcher), ABX_ERR_EXISTS);
        add(&queue, 1);
        assert_true(atomic_load(seen) > 0);
        assert_true(abx_event_queue_unobserve(&queue, &watcher));
        assert_false(abx_event_queue_unobserve(&queue, &watcher));
        free(seen);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    abx_event_queue_end(&queue);
}

static void observers_are_few(void **state)
{
    (void)state;
    abx_event_queue queue;
    atomic_uint seen[ABX_EVENT_WATCHERS + 1] = { 0 };
    abx_event_watcher watcher = { count, NULL };
    assert_int_equal(abx_event_queue_init(&queue, CAPACITY), ABX_OK);
    for (int i = 0; i < ABX_EVENT_WATCHERS; i++) {
        watcher.payload = &seen[i];
        assert_int_equal(abx_event_queue_observe(&queue, &watcher), ABX_OK);
    }
    watcher.payload = &seen[ABX_EVENT_WATCHERS];
    assert_int_equal(abx_event_queue_observe(&queue, &watcher), ABX_ERR_LIMIT);
    add(&queue, 1);
    watcher.payload = &seen[3];
    assert_true(abx_event_queue_unobserve(&queue, &watcher));
    add(&queue, 2);
    for (int i = 0; i < ABX_EVENT_WATCHERS; i++)
        assert_int_equal(seen[i], i == 3 ? 1 : 2);
    assert_int_equal(seen[ABX_EVENT_WATCHERS], 0);
    abx_event_queue_end(&queue);
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (uint32_t kind = ABX_EVENT_NONE; kind <= ABX_EVENT_GUEST_WAKEUP; kind++)
        assert_string_not_equal(abx_event_kind_name(kind), "unknown");
    assert_string_equal(abx_event_kind_name(ABX_EVENT_GUEST_PANIC), "guest-panic");
    assert_string_equal(abx_event_kind_name(ABX_EVENT_USER + 9), "user");
    assert_string_equal(abx_event_kind_name(ABX_EVENT_USER - 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_numbers_and_times),
        cmocka_unit_test(overflow_is_told_where_it_happened),
        cmocka_unit_test(overflow_is_told_even_if_nothing_follows),
        cmocka_unit_test(a_full_queue_still_takes_what_it_can),
        cmocka_unit_test(writers_lose_nothing_silently),
        cmocka_unit_test(programs_post_their_own),
        cmocka_unit_test(the_librarys_own_kinds_are_refused),
        cmocka_unit_test(observers_come_and_go),
        cmocka_unit_test(observers_are_few),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
