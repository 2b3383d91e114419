/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vm_object.h"
#include "vm_internal.h"

static void the_target_is_set_and_read(void **state)
{
    rig *r = *state;
    uint64_t bytes = 0;
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_start(r);
    assert_ok(abx_balloon_get_target(r->vm, &bytes));
    assert_int_equal(bytes, r->config.memory_size);
    assert_ok(abx_balloon_set_target(r->vm, (UINT64_C(100) << 20) + 5));
    assert_ok(abx_balloon_get_target(r->vm, &bytes));
    assert_int_equal(bytes, UINT64_C(100) << 20);
}

static void without_the_device(void **state)
{
    rig *r = *state;
    uint64_t bytes = 7;
    rig_start(r);
    assert_status(abx_vz_balloon_set_target(abx_vm_backend_object(r->vm), 1), ABX_ERR_NOT_FOUND);
    assert_status(abx_vz_balloon_get_target(abx_vm_backend_object(r->vm), &bytes), ABX_ERR_NOT_FOUND);
    assert_message("ABX_DEVICE_BALLOON");
    assert_int_equal(bytes, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(the_target_is_set_and_read),
        rig_test(without_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
