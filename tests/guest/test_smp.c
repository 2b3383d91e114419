/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* More than one vCPU: the guest starts the others. */
#include "harness.h"

#include <pthread.h>
#include <semaphore.h>

enum { OTHERS = 3 };

typedef struct other {
    abx_vm *vm;
    uint32_t id;
    sem_t *built;
    sem_t *go;
    abx_exit exit;
} other;

static void *run_other(void *argument)
{
    other *o = argument;
    abx_vcpu *vcpu;
    abx_mp_state mp;
    assert_ok(abx_vcpu_create(&vcpu, o->vm, o->id));
    assert_int_equal(abx_vcpu_id(vcpu), o->id);
    assert_ok(abx_vcpu_get_mp_state(vcpu, &mp));
    assert_int_equal(mp, GUEST_MP_UNSTARTED);
    sem_post(o->built);
    sem_wait(o->go);
    assert_ok(abx_vcpu_run(vcpu, &o->exit));
    assert_ok(abx_vcpu_destroy(vcpu));
    return NULL;
}

static void test_start_of_the_others(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.cpus = 1 + OTHERS;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest g;
    guest_load(&g, "smp", &config);
    assert_ok(abx_vcpu_create(&g.vcpu, g.vm, 0));
    guest_enter(&g, g.vcpu);

    sem_t built, go;
    sem_init(&built, 0, 0);
    sem_init(&go, 0, 0);
    other others[OTHERS];
    pthread_t threads[OTHERS];
    for (uint32_t i = 0; i < OTHERS; i++) {
        others[i] = (other){ .vm = g.vm, .id = i + 1, .built = &built, .go = &go };
        assert_int_equal(pthread_create(&threads[i], NULL, run_other, &others[i]), 0);
        sem_wait(&built);
    }
    assert_ok(abx_vm_start(g.vm));
    for (uint32_t i = 0; i < OTHERS; i++)
        sem_post(&go);
    guest_answer(&g, OTHERS);
    guest_expect_sync(&g, OTHERS);
    guest_expect_done(&g);
    assert_ok(abx_vm_stop(g.vm));
    for (uint32_t i = 0; i < OTHERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(others[i].exit.kind, ABX_EXIT_STOPPED);
    }
    guest_close(&g);
    sem_destroy(&built);
    sem_destroy(&go);
}

static void test_numbers(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "io", NULL);
    abx_vcpu *vcpu = NULL;
    assert_status(abx_vcpu_create(&vcpu, g.vm, 0), ABX_ERR_EXISTS);
    assert_status(abx_vcpu_create(&vcpu, g.vm, 1), ABX_ERR_LIMIT);
    assert_null(vcpu);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_of_the_others),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
