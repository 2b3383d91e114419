/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <arcbox/balloon.h>

#include <string.h>

static const abx_device_config balloon = { .kind = ABX_DEVICE_BALLOON };

static void targets_go_to_the_backend(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&balloon, 1);
    uint64_t all = abx_vm_get_config(vm)->memory_size, target = 0;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, 1), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, all), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, all - 1), ABX_OK);
    assert_int_equal(abx_balloon_get_target(vm, &target), ABX_OK);
    assert_int_equal(target, all - 1);
    fake_log_fail("balloon_set_target", ABX_ERR_LOST);
    assert_int_equal(abx_balloon_set_target(vm, 1), ABX_ERR_LOST);
    fake_log_fail("balloon_get_target", ABX_ERR_TIMEOUT);
    assert_int_equal(abx_balloon_get_target(vm, &target), ABX_ERR_TIMEOUT);
    assert_int_equal(target, all - 1);
    abx_vm_destroy(vm);
}

static void state_and_range_are_checked(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&balloon, 1);
    uint64_t all = abx_vm_get_config(vm)->memory_size, target = 5;
    assert_int_equal(abx_balloon_set_target(vm, all), ABX_ERR_STATE);
    assert_int_equal(abx_balloon_get_target(vm, &target), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, 0), ABX_ERR_LIMIT);
    assert_int_equal(abx_balloon_set_target(vm, all + 1), ABX_ERR_LIMIT);
    assert_int_equal(abx_balloon_set_target(NULL, all), ABX_ERR_INVALID);
    assert_int_equal(abx_balloon_get_target(NULL, &target), ABX_ERR_INVALID);
    assert_int_equal(abx_balloon_get_target(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, all), ABX_ERR_STATE);
    abx_vm_destroy(vm);

    const abx_device_config kept = { ABX_DEVICE_BALLOON, .balloon.minimum = 4096 };
    vm = fake_managed_vm_with(&kept, 1);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, 4095), ABX_ERR_LIMIT);
    assert_int_equal(abx_balloon_set_target(vm, 4096), ABX_OK);
    abx_vm_destroy(vm);

    vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_balloon_set_target(vm, 1), ABX_ERR_STATE);
    assert_non_null(strstr(abx_last_error()->advice, "does not list"));
    abx_vm_destroy(vm);

    vm = fake_manual_vm(1);
    assert_int_equal(abx_balloon_set_target(vm, 1), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_balloon_get_target(vm, &target), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(target, 5);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_go_to_the_backend),
        cmocka_unit_test(state_and_range_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
