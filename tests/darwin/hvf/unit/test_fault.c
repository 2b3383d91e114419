/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static hvf_rig *current;
static uint32_t runs;

/* The guest comes to a page that is being discarded: it is gone when the abort happens, and back afterwards. */
static hv_return_t run_into_a_gap(fake_vcpu *vcpu)
{
    vcpu->exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
    if (runs++ == 0) {
        assert_int_equal(abx_memory_discard(current->vm, RIG_RAM, FAKE_PAGE), ABX_OK);
        vcpu->exit.exception = (hv_vcpu_exit_exception_t){ LOAD(3, 1), RIG_RAM, RIG_RAM };
    } else {
        vcpu->exit.exception.syndrome = WFI;
    }
    return HV_SUCCESS;
}

static hv_return_t touch_a_device_meanwhile(fake_vcpu *vcpu)
{
    assert_int_equal(abx_memory_discard(current->vm, RIG_RAM, FAKE_PAGE), ABX_OK);
    vcpu->exit = (hv_vcpu_exit_t){ HV_EXIT_REASON_EXCEPTION, { LOAD(3, 1), RIG_DEVICE, RIG_DEVICE } };
    return HV_SUCCESS;
}

static void a_vcpu_that_comes_into_the_gap_sees_nothing(void **state)
{
    current = *state;
    runs = 0;
    fake.run = run_into_a_gap;
    assert_int_equal(rig_run(current).kind, ABX_EXIT_HALT);
    assert_int_equal(runs, 2);
    assert_int_equal(rig_pc(current), 4);
}

static void other_aborts_are_exits_all_the_same(void **state)
{
    current = *state;
    fake.run = touch_a_device_meanwhile;
    assert_int_equal(rig_run(current).kind, ABX_EXIT_MMIO);
}

/* The abort of a page that has become writable since the run began is none. */
static void a_write_that_comes_too_late_is_no_exit(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    uint64_t gaps = abx_hvf_memory_gaps(&rig->object->vm->memory);
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, false), ABX_OK);
    bool again = false;
    assert_int_equal(abx_hvf_memory_fault(&rig->object->vm->memory, gaps, RIG_RAM, true, &again), ABX_OK);
    assert_true(again);
    gaps = abx_hvf_memory_gaps(&rig->object->vm->memory);
    assert_int_equal(abx_hvf_memory_fault(&rig->object->vm->memory, gaps, RIG_RAM, true, &again), ABX_OK);
    assert_false(again);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_vcpu_that_comes_into_the_gap_sees_nothing),
        CASE(other_aborts_are_exits_all_the_same),
        CASE(a_write_that_comes_too_late_is_no_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
