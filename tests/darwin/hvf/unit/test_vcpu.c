/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static void vcpu_0_begins_at_el1(void **state)
{
    const hvf_rig *rig = *state;
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_MPIDR_EL1)], 0x80000000);
    assert_int_equal(rig->hv->general[HV_REG_CPSR], ABX_ARM64_PSTATE_EL1H);
    assert_int_equal(rig_pc(rig), 0);
    assert_int_equal(rig->hv->offset, fake.absolute);
}

static void a_thread_has_one_vcpu(void **state)
{
    hvf_rig *rig = *state;
    abx_vcpu *second;
    assert_fails(abx_vcpu_create(&second, rig->vm, 1), ABX_ERR_BUSY, "in a thread of its own");
}

typedef struct other {
    abx_vm *vm;
    uint32_t id;
    abx_status status;
    uint64_t mpidr;
    abx_mp_state mp_state;
} other;

static void *live_elsewhere(void *argument)
{
    other *o = argument;
    abx_vcpu *vcpu;
    o->status = abx_vcpu_create(&vcpu, o->vm, o->id);
    if (o->status == ABX_OK)
        o->status = abx_vcpu_read_register(vcpu, ABX_ARM64_MPIDR_EL1, &o->mpidr);
    if (o->status == ABX_OK)
        o->status = abx_vcpu_get_mp_state(vcpu, &o->mp_state);
    if (o->status == ABX_OK)
        o->status = abx_vcpu_destroy(vcpu);
    return NULL;
}

static void others_begin_switched_off_with_their_affinity(void **state)
{
    hvf_rig *rig = *state;
    other o = { .vm = rig->vm, .id = 1 };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, live_elsewhere, &o), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(o.status, ABX_OK);
    assert_int_equal(o.mpidr, 0x80000001);
    assert_int_equal(o.mp_state, ABX_MP_STOPPED);
}

static void every_failing_call_gives_all_back(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    uint32_t failures = 0;
    for (uint32_t at = 1;; at++) {
        uint32_t first = fake.calls;
        fake.fail_at = first + at;
        abx_status status = abx_vcpu_create(&rig->vcpu, rig->vm, 0);
        bool reached = fake.calls >= first + at;
        fake.fail_at = 0;
        assert_int_equal(status, reached ? ABX_ERR_SYSTEM : ABX_OK);
        if (!reached)
            break;
        assert_false(fake.vcpus[0].used);
        failures++;
    }
    assert_in_range(failures, 150, 400); /* nearly all of them read registers */
}

static void reset_makes_it_new(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->general[HV_REG_PC] = 0x1234;
    rig->hv->general[3] = 3;
    rig->hv->general[HV_REG_CPSR] = 0;
    rig->hv->vectors[2] = (hv_simd_fp_uchar16_t){ 1, 2, 3 };
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_SCTLR_EL1)] = 1;
    rig->hv->timer_masked = true;
    uint64_t offset = rig->hv->offset;
    rig_script(rig, LOAD(0, 3), RIG_DEVICE);
    rig_run(rig);
    assert_int_equal(abx_arm64_reset(rig->vcpu), ABX_OK);
    assert_int_equal(rig_pc(rig), 0);
    assert_int_equal(rig->hv->general[3], 0);
    assert_int_equal(rig->hv->general[HV_REG_CPSR], ABX_ARM64_PSTATE_EL1H);
    assert_int_equal(rig->hv->vectors[2][1], 0);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_SCTLR_EL1)], 0);
    assert_false(rig->hv->timer_masked);
    assert_int_equal(rig->hv->offset, offset); /* the counter is the VM's */
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_int_equal(rig_pc(rig), 0); /* of the life before nothing is left to be completed */
}

static void mp_states_are_two(void **state)
{
    hvf_rig *rig = *state;
    abx_mp_state mp_state;
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_RUNNABLE);
    assert_int_equal(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_STOPPED), ABX_OK);
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_STOPPED);
    assert_fails(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_HALTED), ABX_ERR_NOT_SUPPORTED, "RUNNABLE or STOPPED");
    assert_int_equal(abx_arm64_reset(rig->vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_RUNNABLE);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(vcpu_0_begins_at_el1),
        CASE(a_thread_has_one_vcpu),
        CASE(others_begin_switched_off_with_their_affinity),
        CASE(every_failing_call_gives_all_back),
        CASE(reset_makes_it_new),
        CASE(mp_states_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
