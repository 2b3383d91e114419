/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* vCPUs that run while memory is discarded and logged under them, kicks come and the host sleeps. */
#include "rig.h"

enum { VCPUS = 3, RUNS = 300, CHANGES = 300, PAGES = RIG_RAM_SIZE / FAKE_PAGE };

/* One instruction of a guest that goes through its memory: a store that reaches it, or the abort. */
static hv_return_t step(fake_vcpu *vcpu)
{
    uint64_t n = vcpu->general[1]++;
    hv_ipa_t at = RIG_RAM + n * 7 % PAGES * FAKE_PAGE;
    vcpu->exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION, .exception.syndrome = n % 20 ? WFE : WFI };
    if (!fake_reaches(at, true))
        vcpu->exit.exception = (hv_vcpu_exit_exception_t){ STORE(3, 2), at, at };
    return HV_SUCCESS;
}

typedef struct runner {
    abx_vm *vm;
    uint32_t id;
    pthread_t thread;
    abx_vcpu *_Atomic vcpu; /* while it runs */
    atomic_bool may_end;
    uint32_t halts, kicks, others;
} runner;

static void *run(void *argument)
{
    runner *r = argument;
    abx_vcpu *vcpu = NULL;
    abx_exit exit;
    abx_status status = abx_vcpu_create(&vcpu, r->vm, r->id);
    if (status == ABX_OK)
        status = abx_vcpu_set_mp_state(vcpu, ABX_MP_RUNNABLE);
    atomic_store(&r->vcpu, vcpu);
    while (status == ABX_OK && (r->halts < RUNS || !atomic_load(&r->may_end))) {
        status = abx_vcpu_run(vcpu, &exit);
        if (status == ABX_OK && exit.kind == ABX_EXIT_HALT)
            r->halts++;
        else if (status == ABX_OK && exit.kind == ABX_EXIT_INTERRUPTED)
            r->kicks++;
        else
            r->others++;
    }
    (void)abx_vcpu_destroy(vcpu);
    return NULL;
}

static void change(hvf_rig *rig, uint32_t n)
{
    switch (n % 4) {
    case 0:
        assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, n % 8 == 0), ABX_OK);
        break;
    case 1:
        assert_int_equal(abx_memory_discard(rig->vm, RIG_RAM + n % PAGES * FAKE_PAGE, FAKE_PAGE), ABX_OK);
        break;
    case 2:
        atomic_fetch_add(&fake.continuous, 24000000);
        fake_power(kIOMessageSystemWillPowerOn, 0);
        break;
    default:
        assert_int_equal(abx_memory_discard(rig->vm, RIG_RAM, RIG_RAM_SIZE), ABX_OK);
        break;
    }
}

static void no_run_ends_by_what_is_done_here(void **state)
{
    static runner runners[VCPUS];
    static hvf_rig rig;
    (void)state;
    fake_reset();
    fake.run = step;
    rig_start(&rig, ABX_IRQCHIP_NONE, VCPUS + 1);
    for (uint32_t i = 0; i < VCPUS; i++) {
        runners[i] = (runner){ .vm = rig.vm, .id = i + 1 };
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
    }
    for (uint32_t n = 0; n < CHANGES; n++) {
        change(&rig, n);
        abx_vcpu *vcpu = atomic_load(&runners[n % VCPUS].vcpu);
        if (vcpu)
            abx_vcpu_kick(vcpu);
    }
    for (uint32_t i = 0; i < VCPUS; i++) {
        atomic_store(&runners[i].may_end, true);
        assert_int_equal(pthread_join(runners[i].thread, NULL), 0);
        assert_int_equal(runners[i].others, 0);
        assert_in_range(runners[i].halts, RUNS, UINT32_MAX);
        assert_in_range(runners[i].kicks, 0, CHANGES);
    }
    assert_int_equal(fake_mapped(), PAGES);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_run_ends_by_what_is_done_here) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
