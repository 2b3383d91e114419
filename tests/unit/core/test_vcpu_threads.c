/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kicks, pauses, stops and ends of a VM while its vCPUs run on threads of their own. */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSES = 2000, VCPUS = 3, LIVES = 300 };

/* A hundred thousand by default; a tenth of ABX_KICKS where it is given. */
static unsigned long kicks(void)
{
    const char *number = getenv("ABX_KICKS");
    return (number ? strtoul(number, NULL, 10) : 1000000) / 10;
}

typedef struct runner {
    abx_vm *vm;
    uint32_t id;
    pthread_t thread;
    _Atomic(abx_vcpu *) vcpu;
    atomic_ulong interrupted;
    atomic_ulong others;
    sem_t one_more; /* posted at every interrupted run */
} runner;

static void *run_until_stopped(void *argument)
{
    runner *r = argument;
    abx_vcpu *vcpu;
    abx_exit exit;
    assert_int_equal(abx_vcpu_create(&vcpu, r->vm, r->id), ABX_OK);
    atomic_store(&r->vcpu, vcpu);
    sem_post(&r->one_more);
    for (;;) {
        assert_int_equal(abx_vcpu_run(vcpu, &exit), ABX_OK);
        if (exit.kind == ABX_EXIT_STOPPED)
            break;
        if (exit.kind == ABX_EXIT_INTERRUPTED) {
            atomic_fetch_add(&r->interrupted, 1);
            sem_post(&r->one_more);
        } else {
            atomic_fetch_add(&r->others, 1);
        }
    }
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    return NULL;
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) < 0)
        ;
}

/* Starts it and waits until its vCPU is there. */
static void launch(runner *r, abx_vm *vm, uint32_t id)
{
    *r = (runner){ .vm = vm, .id = id };
    sem_init(&r->one_more, 0, 0);
    assert_int_equal(pthread_create(&r->thread, NULL, run_until_stopped, r), 0);
    wait_for(&r->one_more);
}

static void finish(runner *r)
{
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    sem_destroy(&r->one_more);
}

static void kick_one_by_one(fake_guest guest)
{
    abx_vm *vm = fake_manual_vm(1);
    runner r;
    fake_manual_guest(guest);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    launch(&r, vm, 0);
    unsigned long count = kicks();
    for (unsigned long i = 1; i <= count; i++) {
        abx_vcpu_kick(atomic_load(&r.vcpu));
        wait_for(&r.one_more);
        assert_int_equal(atomic_load(&r.interrupted), i);
    }
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    finish(&r);
    assert_int_equal(atomic_load(&r.interrupted), count);
    abx_vm_destroy(vm);
}

/* Before, during and after entry, as chance has it: each kick ends exactly one run. */
static void no_kick_is_lost_in_a_busy_guest(void **state)
{
    (void)state;
    kick_one_by_one(fake_guest_exits);
}

static void no_kick_is_lost_in_a_sleeping_guest(void **state)
{
    (void)state;
    kick_one_by_one(fake_guest_sleeps);
}

static void no_kick_is_lost_among_signals(void **state)
{
    (void)state;
    kick_one_by_one(fake_guest_signals);
}

static void *kick_many(void *argument)
{
    runner *r = argument;
    unsigned long count = kicks();
    for (unsigned long i = 0; i < count; i++)
        abx_vcpu_kick(atomic_load(&r->vcpu));
    return NULL;
}

/* A stream of kicks from two threads: a run may end many of them, but the last one ends a run as well. */
static void crowds_of_kicks_end_runs(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    runner r;
    pthread_t kickers[2];
    fake_manual_guest(fake_guest_sleeps);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    launch(&r, vm, 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&kickers[i], NULL, kick_many, &r), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(kickers[i], NULL), 0);
    wait_for(&r.one_more);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    finish(&r);
    assert_in_range(atomic_load(&r.interrupted), 1, 2 * kicks());
    abx_vm_destroy(vm);
}

static void a_pause_is_acknowledged(void **state)
{
    (void)state;
    static const fake_guest guests[] = { fake_guest_exits, fake_guest_sleeps, fake_guest_signals };
    for (size_t g = 0; g < sizeof(guests) / sizeof(guests[0]); g++) {
        abx_vm *vm = fake_manual_vm(VCPUS);
        runner runners[VCPUS];
        fake_manual_guest(guests[g]);
        assert_int_equal(abx_vm_start(vm), ABX_OK);
        for (uint32_t i = 0; i < VCPUS; i++)
            launch(&runners[i], vm, i);
        for (int round = 0; round < PAUSES; round++) {
            unsigned long entries[VCPUS];
            assert_int_equal(abx_vm_pause(vm), ABX_OK);
            assert_int_equal(fake_manual_inside(), 0);
            for (uint32_t i = 0; i < VCPUS; i++)
                entries[i] = atomic_load(&fake_manual_vcpu(i)->entries);
            sched_yield();
            for (uint32_t i = 0; i < VCPUS; i++)
                assert_int_equal(atomic_load(&fake_manual_vcpu(i)->entries), entries[i]);
            assert_int_equal(abx_vm_resume(vm), ABX_OK);
        }
        assert_int_equal(abx_vm_stop(vm), ABX_OK);
        assert_int_equal(fake_manual_inside(), 0);
        for (uint32_t i = 0; i < VCPUS; i++) {
            finish(&runners[i]);
            /* Nobody kicked: pauses do not come out. */
            assert_int_equal(atomic_load(&runners[i].interrupted), 0);
        }
        abx_vm_destroy(vm);
    }
}

/* Kicks that meet pauses end one run each all the same. */
static void kicks_pass_through_pauses(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    runner r;
    fake_manual_guest(fake_guest_sleeps);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    launch(&r, vm, 0);
    for (unsigned long i = 1; i <= PAUSES * 2; i++) {
        assert_int_equal(abx_vm_pause(vm), ABX_OK);
        abx_vcpu_kick(atomic_load(&r.vcpu));
        if (i % 2)
            wait_for(&r.one_more);
        assert_int_equal(abx_vm_resume(vm), ABX_OK);
        if (i % 2 == 0)
            wait_for(&r.one_more);
        assert_int_equal(atomic_load(&r.interrupted), i);
    }
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    finish(&r);
    abx_vm_destroy(vm);
}

/* Stopped, or destroyed at once, from every state and while the vCPUs are anywhere. */
static void every_life_ends(void **state)
{
    (void)state;
    static const fake_guest guests[] = { fake_guest_exits, fake_guest_sleeps, fake_guest_signals };
    for (int life = 0; life < LIVES; life++) {
        abx_vm *vm = fake_manual_vm(VCPUS);
        runner runners[VCPUS];
        fake_manual_guest(guests[life % 3]);
        assert_int_equal(abx_vm_start(vm), ABX_OK);
        for (uint32_t i = 0; i < VCPUS; i++)
            launch(&runners[i], vm, i);
        if (life % 2)
            assert_int_equal(abx_vm_pause(vm), ABX_OK);
        if (life % 4 < 2)
            assert_int_equal(abx_vm_stop(vm), ABX_OK);
        abx_vm_destroy(vm);
        for (uint32_t i = 0; i < VCPUS; i++)
            finish(&runners[i]);
        assert_non_null(strstr(fake_log_text(), "vcpu_destroy vm_destroy close"));
    }
}

static _Atomic(abx_vcpu *) own_vcpu;

static void kick_own(int signal_number)
{
    (void)signal_number;
    abx_vcpu_kick(atomic_load(&own_vcpu));
}

static void kicks_may_come_from_signal_handlers(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    runner r;
    struct sigaction action = { .sa_handler = kick_own };
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    fake_manual_guest(fake_guest_sleeps);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    launch(&r, vm, 0);
    atomic_store(&own_vcpu, atomic_load(&r.vcpu));
    for (unsigned long i = 1; i <= 2000; i++) {
        bool paused = i % 2;
        if (paused)
            assert_int_equal(abx_vm_pause(vm), ABX_OK);
        assert_int_equal(pthread_kill(r.thread, SIGUSR1), 0);
        wait_for(&r.one_more);
        assert_int_equal(atomic_load(&r.interrupted), i);
        if (paused)
            assert_int_equal(abx_vm_resume(vm), ABX_OK);
    }
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    finish(&r);
    abx_vm_destroy(vm);
}

static void *create_first(void *argument)
{
    runner *r = argument;
    abx_vcpu *vcpu = NULL;
    while (abx_vcpu_create(&vcpu, r->vm, 0) != ABX_OK) {
        assert_int_equal(abx_last_error()->status, ABX_ERR_EXISTS);
        assert_null(vcpu);
        sched_yield();
    }
    /* Alone with this number now. */
    assert_int_equal(atomic_fetch_add(&r->others, 1), 0);
    sched_yield();
    assert_int_equal(atomic_fetch_sub(&r->others, 1), 1);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    return NULL;
}

static void a_number_belongs_to_one_at_a_time(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        abx_vm *vm = fake_manual_vm(1);
        runner r = { .vm = vm };
        pthread_t threads[VCPUS];
        for (int i = 0; i < VCPUS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, create_first, &r), 0);
        for (int i = 0; i < VCPUS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        abx_vm_destroy(vm);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_kick_is_lost_in_a_busy_guest),
        cmocka_unit_test(no_kick_is_lost_in_a_sleeping_guest),
        cmocka_unit_test(no_kick_is_lost_among_signals),
        cmocka_unit_test(crowds_of_kicks_end_runs),
        cmocka_unit_test(a_pause_is_acknowledged),
        cmocka_unit_test(kicks_pass_through_pauses),
        cmocka_unit_test(every_life_ends),
        cmocka_unit_test(kicks_may_come_from_signal_handlers),
        cmocka_unit_test(a_number_belongs_to_one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
