/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pause, resume, stop and destroy around vCPUs that run real code. */
#include "harness.h"
#include "memory.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

enum { COUNTER = GUEST_RAM + 0x800000, VCPUS = 2 };

/* A vCPU in a thread of its own that runs until it is stopped. */
typedef struct runner {
    guest *machine;
    uint32_t id;
    pthread_t thread;
    sem_t ready; /* built */
    sem_t go;    /* the VM has been started */
    atomic_ulong interrupted;
    abx_exit_kind last;
} runner;

static void answer_asks(abx_exit *exit, uint32_t *asked)
{
    static const uint32_t answers[] = { POKE_FOR_EVER, COUNTER };
    void *data;
    assert_int_equal(guest_word_of(exit, &data), GUEST_ASK);
    assert_in_range(*asked, 0, 1);
    memcpy(data, &answers[(*asked)++], sizeof(answers[0]));
}

static void *run_until_stopped(void *argument)
{
    runner *r = argument;
    abx_vcpu *vcpu;
    abx_exit exit;
    uint32_t asked = 0;
    assert_ok(abx_vcpu_create(&vcpu, r->machine->vm, r->id));
    guest_enter(r->machine, vcpu);
    sem_post(&r->ready);
    sem_wait(&r->go);
    for (;;) {
        assert_ok(abx_vcpu_run(vcpu, &exit));
        if (exit.kind == ABX_EXIT_STOPPED)
            break;
        if (exit.kind == ABX_EXIT_INTERRUPTED)
            atomic_fetch_add(&r->interrupted, 1);
        else
            answer_asks(&exit, &asked);
    }
    r->last = exit.kind;
    assert_ok(abx_vcpu_destroy(vcpu));
    return NULL;
}

static void start_runner(runner *r, guest *g, uint32_t id)
{
    *r = (runner){ .machine = g, .id = id };
    assert_int_equal(sem_init(&r->ready, 0, 0), 0);
    assert_int_equal(sem_init(&r->go, 0, 0), 0);
    assert_int_equal(pthread_create(&r->thread, NULL, run_until_stopped, r), 0);
    sem_wait(&r->ready);
}

static void join_runner(runner *r)
{
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    assert_int_equal(r->last, ABX_EXIT_STOPPED);
    sem_destroy(&r->ready);
    sem_destroy(&r->go);
}

static uint64_t counter(guest *g)
{
    uint64_t value;
    assert_ok(abx_memory_load(g->vm, COUNTER, 4, &value));
    return value;
}

/* Until the guest has counted on: it runs. */
static void expect_counting(guest *g)
{
    uint64_t before = counter(g);
    while (counter(g) == before)
        sched_yield();
}

static void expect_standstill(guest *g)
{
    uint64_t before = counter(g);
    for (int i = 0; i < 1000; i++) {
        sched_yield();
        assert_int_equal(counter(g), before);
    }
}

static void open_pair(guest *g, runner *runners)
{
    abx_vm_config config = guest_config();
    config.cpus = VCPUS;
    guest_load(g, "memory", &config);
    for (uint32_t i = 0; i < VCPUS; i++)
        start_runner(&runners[i], g, i);
}

static void start(guest *g, runner *runners)
{
    assert_ok(abx_vm_start(g->vm));
    for (uint32_t i = 0; i < VCPUS; i++)
        sem_post(&runners[i].go);
}

static void test_pause_and_resume(void **state)
{
    (void)state;
    guest g;
    runner runners[VCPUS];
    open_pair(&g, runners);
    assert_int_equal(abx_vm_get_state(g.vm), ABX_VM_CREATED);
    assert_status(abx_vm_pause(g.vm), ABX_ERR_STATE);
    start(&g, runners);
    for (int i = 0; i < 50; i++) {
        expect_counting(&g);
        assert_ok(abx_vm_pause(g.vm));
        assert_int_equal(abx_vm_get_state(g.vm), ABX_VM_PAUSED);
        expect_standstill(&g);
        assert_ok(abx_vm_resume(g.vm));
    }
    expect_counting(&g);
    assert_ok(abx_vm_stop(g.vm));
    expect_standstill(&g);
    for (int i = 0; i < VCPUS; i++) {
        join_runner(&runners[i]);
        /* A pause is not a kick: nobody's run was ended by it. */
        assert_int_equal(runners[i].interrupted, 0);
    }
    assert_status(abx_vm_resume(g.vm), ABX_ERR_STATE);
    guest_close(&g);
}

static void test_stop_while_paused(void **state)
{
    (void)state;
    guest g;
    runner runners[VCPUS];
    open_pair(&g, runners);
    start(&g, runners);
    expect_counting(&g);
    assert_ok(abx_vm_pause(g.vm));
    assert_ok(abx_vm_stop(g.vm));
    for (int i = 0; i < VCPUS; i++)
        join_runner(&runners[i]);
    assert_ok(abx_vm_stop(g.vm));
    guest_close(&g);
}

/* Destroyed under its running vCPUs: they end, and what they need stays until they are gone. */
static void test_destroy_while_running(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        guest g;
        runner runners[VCPUS];
        open_pair(&g, runners);
        start(&g, runners);
        expect_counting(&g);
        abx_vm_destroy(g.vm);
        for (int j = 0; j < VCPUS; j++)
            join_runner(&runners[j]);
        abx_hypervisor_close(g.hypervisor);
    }
}

static void test_run_before_start_and_after_stop(void **state)
{
    (void)state;
    guest g;
    guest_load(&g, "memory", NULL);
    assert_ok(abx_vcpu_create(&g.vcpu, g.vm, 0));
    guest_enter(&g, g.vcpu);
    assert_status(abx_vcpu_run(g.vcpu, &g.exit), ABX_ERR_STATE);
    assert_ok(abx_vm_stop(g.vm));
    assert_ok(abx_vcpu_run(g.vcpu, &g.exit));
    assert_int_equal(g.exit.kind, ABX_EXIT_STOPPED);
    assert_status(abx_vm_start(g.vm), ABX_ERR_STATE);
    guest_close(&g);
}

static void *use_from_elsewhere(void *argument)
{
    guest *g = argument;
    uint64_t value;
    assert_status(abx_vcpu_run(g->vcpu, &g->exit), ABX_ERR_THREAD);
    assert_status(abx_vcpu_read_register(g->vcpu, GUEST_PC, &value), ABX_ERR_THREAD);
    assert_status(abx_vcpu_destroy(g->vcpu), ABX_ERR_THREAD);
    return NULL;
}

static void test_other_threads_are_refused(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "memory", NULL);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, use_from_elsewhere, &g), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    guest_answer(&g, 0);
    guest_expect_done(&g);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pause_and_resume),          cmocka_unit_test(test_stop_while_paused),
        cmocka_unit_test(test_destroy_while_running),     cmocka_unit_test(test_run_before_start_and_after_stop),
        cmocka_unit_test(test_other_threads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
