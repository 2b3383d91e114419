/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

static abx_vm *vm;
static abx_vcpu *vcpu;

static int create(void **state)
{
    (void)state;
    vm = fake_manual_vm(1);
    return abx_vcpu_create(&vcpu, vm, 0);
}

static int destroy(void **state)
{
    (void)state;
    abx_status status = abx_vcpu_destroy(vcpu);
    abx_vm_destroy(vm);
    return status;
}

static abx_status set(const abx_breakpoint *breakpoints, size_t count)
{
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = breakpoints;
    config.breakpoint_count = count;
    return abx_vcpu_set_debug(vcpu, &config);
}

static void it_reaches_the_backend(void **state)
{
    (void)state;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_int_equal(abx_vcpu_set_debug(vcpu, &config), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &config);
    assert_int_equal(abx_vcpu_set_debug(vcpu, NULL), ABX_OK);
    assert_null(fake_manual_arguments.pointer);
}

static void breakpoints_are_checked(void **state)
{
    (void)state;
    static const struct {
        abx_breakpoint breakpoint;
        abx_status status;
    } table[] = {
        { { 0x1001, 1, ABX_BREAK_EXECUTE }, ABX_OK },
        { { 0x1001, 2, ABX_BREAK_EXECUTE }, ABX_ERR_INVALID },
        { { 0x1008, 8, ABX_BREAK_WRITE }, ABX_OK },
        { { 0x1004, 8, ABX_BREAK_WRITE }, ABX_ERR_INVALID },
        { { 0x1004, 4, ABX_BREAK_ACCESS }, ABX_OK },
        { { 0x1000, 3, ABX_BREAK_ACCESS }, ABX_ERR_INVALID },
        { { 0x1000, 0, ABX_BREAK_ACCESS }, ABX_ERR_INVALID },
        { { 0x1000, 1, (abx_breakpoint_kind)3 }, ABX_ERR_INVALID },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_int_equal(set(&table[i].breakpoint, 1), table[i].status);
    assert_int_equal(set(NULL, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_set_debug(vcpu, &(abx_debug_config){ .size = 1 }), ABX_ERR_INVALID);
}

static void there_are_so_many_and_no_more(void **state)
{
    (void)state;
    const abx_breakpoint five[5] = { { 0, 1, ABX_BREAK_EXECUTE },
                                     { 1, 1, ABX_BREAK_EXECUTE },
                                     { 2, 1, ABX_BREAK_EXECUTE },
                                     { 3, 1, ABX_BREAK_EXECUTE },
                                     { 4, 1, ABX_BREAK_EXECUTE } };
    assert_int_equal(set(five, 4), ABX_OK);
    assert_int_equal(set(five, 5), ABX_ERR_LIMIT);
}

static void capabilities_are_asked(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *poor_vm;
    abx_vcpu *mine = vcpu;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_debug_config debug = ABX_DEBUG_CONFIG_INIT;
    const abx_breakpoint one = { 0, 1, ABX_BREAK_EXECUTE };
    config.no_memory = true;
    fake_manual_capabilities.bits[0] &=
        ~((UINT64_C(1) << ABX_CAP_SINGLE_STEP) | (UINT64_C(1) << ABX_CAP_HW_BREAKPOINTS));
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&poor_vm, hypervisor, &config), ABX_OK);
    assert_int_equal(abx_vcpu_create(&vcpu, poor_vm, 0), ABX_OK);
    assert_int_equal(set(&one, 1), ABX_ERR_NOT_SUPPORTED);
    debug.single_step = true;
    assert_int_equal(abx_vcpu_set_debug(vcpu, &debug), ABX_ERR_NOT_SUPPORTED);
    debug.single_step = false;
    debug.software_breakpoints = true;
    assert_int_equal(abx_vcpu_set_debug(vcpu, &debug), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    vcpu = mine;
    abx_vm_destroy(poor_vm);
    abx_hypervisor_close(hypervisor);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_reaches_the_backend),
        CASE(breakpoints_are_checked),
        CASE(there_are_so_many_and_no_more),
        CASE(capabilities_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
