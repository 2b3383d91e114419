/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "gate.h"

#include <sched.h>

enum { RUNNERS = 3, ROUNDS = 3000 };

typedef struct runner {
    abx_gate *gate;
    abx_passenger passenger;
    atomic_bool kicked;
    atomic_bool really_inside;
    atomic_ulong entries;
    pthread_t thread;
} runner;

static void kick_runner(void *object)
{
    runner *r = object;
    atomic_store(&r->kicked, true);
}

static void join(runner *r, abx_gate *gate, uint32_t id)
{
    *r = (runner){ .gate = gate, .passenger = { .id = id, .kick = kick_runner, .object = r } };
    assert_int_equal(abx_wake_init(&r->passenger.wake), ABX_OK);
    assert_true(abx_gate_join(gate, &r->passenger));
}

static void part(runner *r)
{
    abx_gate_part(r->gate, &r->passenger);
    abx_wake_end(&r->passenger.wake);
}

static void ids_are_unique(void **state)
{
    (void)state;
    abx_gate gate;
    runner a, b;
    abx_gate_init(&gate);
    join(&a, &gate, 4);
    abx_passenger twin = { .id = 4 };
    assert_false(abx_gate_join(&gate, &twin));
    join(&b, &gate, 5);
    part(&a);
    twin.id = 5;
    assert_false(abx_gate_join(&gate, &twin));
    join(&a, &gate, 4);
    part(&b);
    part(&a);
    assert_null(gate.passengers);
    abx_gate_end(&gate);
}

static void positions_decide_who_enters(void **state)
{
    (void)state;
    abx_gate gate;
    runner r;
    abx_gate_init(&gate);
    join(&r, &gate, 0);
    assert_false(abx_gate_enter(&gate, &r.passenger));
    assert_false(abx_gate_leave(&gate, &r.passenger));
    abx_gate_open(&gate);
    assert_true(abx_gate_enter(&gate, &r.passenger));
    assert_true(abx_gate_leave(&gate, &r.passenger));
    abx_gate_close(&gate, ABX_GATE_HELD);
    assert_false(abx_gate_enter(&gate, &r.passenger));
    assert_false(abx_gate_leave(&gate, &r.passenger));
    /* Who is outside is not kicked. */
    assert_false(atomic_load(&r.kicked));
    part(&r);
    abx_gate_end(&gate);
}

static void *run(void *argument)
{
    runner *r = argument;
    abx_wake *wake = &r->passenger.wake;
    for (;;) {
        bool open = abx_gate_enter(r->gate, &r->passenger);
        if (open) {
            atomic_store(&r->really_inside, true);
            atomic_fetch_add(&r->entries, 1);
            while (!atomic_load(&r->kicked))
                sched_yield();
            atomic_store(&r->really_inside, false);
        }
        if (!abx_gate_leave(r->gate, &r->passenger))
            abx_gate_tell(r->gate);
        atomic_store(&r->kicked, false);
        abx_wake_prepare(wake);
        int position = atomic_load(&r->gate->position);
        if (position == ABX_GATE_HELD)
            abx_wake_wait(wake);
        else
            abx_wake_cancel(wake);
        if (position == ABX_GATE_ENDED)
            return NULL;
    }
}

static void a_closed_gate_has_nobody_inside(void **state)
{
    (void)state;
    abx_gate gate;
    runner runners[RUNNERS];
    abx_gate_init(&gate);
    abx_gate_open(&gate);
    for (uint32_t i = 0; i < RUNNERS; i++) {
        join(&runners[i], &gate, i);
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
        abx_gate_close(&gate, ABX_GATE_HELD);
        for (int i = 0; i < RUNNERS; i++)
            assert_false(atomic_load(&runners[i].really_inside));
        abx_gate_open(&gate);
        if (round % 16 == 0)
            sched_yield();
    }
    abx_gate_close(&gate, ABX_GATE_ENDED);
    for (int i = 0; i < RUNNERS; i++) {
        assert_int_equal(pthread_join(runners[i].thread, NULL), 0);
        assert_false(atomic_load(&runners[i].really_inside));
        part(&runners[i]);
    }
    abx_gate_end(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_unique),
        cmocka_unit_test(positions_decide_who_enters),
        cmocka_unit_test(a_closed_gate_has_nobody_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
