/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

static void created_and_destroyed(void **state)
{
    rig *r = *state;
    rig_create(r);
    assert_non_null(model_machine());
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    assert_string_equal(model_alive(), "");
}

static void several_at_once(void **state)
{
    rig *r = *state;
    abx_vm *others[4];
    for (size_t i = 0; i < 4; i++) {
        assert_ok(abx_vm_create(&others[i], r->hypervisor, &r->config));
        assert_ok(abx_vm_start(others[i]));
    }
    for (size_t i = 0; i < 4; i++)
        abx_vm_destroy(others[i]);
}

static void a_failure_leaves_nothing(void **state)
{
    rig *r = *state;
    abx_vm *vm = NULL;
    r->config.boot.kernel = "/nonexistent";
    assert_status(abx_vm_create(&vm, r->hypervisor, &r->config), ABX_ERR_NOT_FOUND);
    assert_null(vm);
    assert_string_equal(model_alive(), "");
}

/* Each call of the framework that can fail does so once. */
static void every_failure_leaves_nothing(void **state)
{
    rig *r = *state;
    const abx_fs_share share = { .name = "n", .path = r->folder };
    rig_add(r, ABX_DEVICE_CONSOLE);
    rig_add(r, ABX_DEVICE_NET)->net.mac[0] = 2;
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_FS)->fs = (abx_fs_config){ .tag = "t", .shares = &share, .share_count = 1 };
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta = (abx_rosetta_config){ .tag = "r" };
    bool failed = true;
    for (long n = 1; failed; n++) {
        abx_vm *vm = NULL;
        model_fail(n);
        abx_status status = abx_vm_create(&vm, r->hypervisor, &r->config);
        failed = model_failed() != NULL;
        if (failed && status == ABX_OK)
            fail_msg("failure of %s is not seen", model_failed());
        if (status == ABX_OK)
            abx_vm_destroy(vm);
        model_fail(0);
        assert_string_equal(model_alive(), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(created_and_destroyed),
        rig_test(several_at_once),
        rig_test(a_failure_leaves_nothing),
        rig_test(every_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
