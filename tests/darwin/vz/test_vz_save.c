/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vm_object.h"
#include "vm_internal.h"

static void saved_and_restored(void **state)
{
    rig *r = *state;
    static uint8_t identifier[4096];
    rig_start(r);
    assert_ok(abx_vm_pause(r->vm));
    assert_ok(abx_vm_save(r->vm, rig_path(r, "saved")));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_PAUSED);
    size_t size;
    assert_ok(abx_vm_get_machine_id(r->vm, identifier, sizeof(identifier), &size));
    abx_vm_destroy(r->vm);

    r->config.machine_id = identifier;
    r->config.machine_id_size = size;
    rig_create(r);
    assert_ok(abx_vm_restore(r->vm, rig_path(r, "saved")));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_PAUSED);
    assert_ok(abx_vm_resume(r->vm));
}

static void another_machine_cannot_be_restored(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_ok(abx_vm_pause(r->vm));
    assert_ok(abx_vm_save(r->vm, rig_path(r, "saved")));
    abx_vm_destroy(r->vm);
    rig_create(r);
    assert_status(abx_vm_restore(r->vm, rig_path(r, "saved")), ABX_ERR_FORMAT);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_CREATED);
    assert_status(abx_vm_restore(r->vm, rig_path(r, "nothing")), ABX_ERR_NOT_FOUND);
    assert_ok(abx_vm_start(r->vm));
}

static void only_a_paused_machine_is_saved(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_status(abx_vz_vm_save(abx_vm_backend_object(r->vm), rig_path(r, "saved")), ABX_ERR_STATE);
    assert_status(abx_vz_vm_restore(abx_vm_backend_object(r->vm), r->kernel), ABX_ERR_STATE);
}

static void devices_that_cannot_be_saved(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_ok(abx_vm_pause(r->vm));
    model.can_save = false;
    assert_status(abx_vm_save(r->vm, rig_path(r, "saved")), ABX_ERR_NOT_SUPPORTED);
    assert_message("A device cannot be saved.");
}

static void a_file_that_cannot_be_written(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_ok(abx_vm_pause(r->vm));
    assert_status(abx_vm_save(r->vm, "/nonexistent/saved"), ABX_ERR_SYSTEM);
    assert_message("(VZErrorDomain 11)");
    assert_ok(abx_vm_resume(r->vm));
}

static void older_and_intel_macs(void **state)
{
    rig *r = *state;
    model.major = 13;
    rig_create(r);
    assert_status(abx_vz_vm_save(abx_vm_backend_object(r->vm), rig_path(r, "saved")), ABX_ERR_NOT_SUPPORTED);
    assert_message("macOS 14.0 on Apple silicon");
    model.major = 14;
    model.intel = true;
    assert_status(abx_vz_vm_restore(abx_vm_backend_object(r->vm), r->kernel), ABX_ERR_NOT_SUPPORTED);
}

static void identifiers(void **state)
{
    rig *r = *state;
    uint8_t small[1];
    size_t size = 0;
    rig_create(r);
    assert_ok(abx_vm_get_machine_id(r->vm, NULL, 0, &size));
    assert_true(size > 1);
    size_t told = 0;
    assert_status(abx_vm_get_machine_id(r->vm, small, 1, &told), ABX_ERR_LIMIT);
    assert_int_equal(told, size);
    abx_vm_destroy(r->vm);
    model.major = 12;
    rig_create(r);
    assert_status(abx_vm_get_machine_id(r->vm, NULL, 0, &size), ABX_ERR_NOT_SUPPORTED);
    assert_message("macOS 13.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(saved_and_restored),
        rig_test(another_machine_cannot_be_restored),
        rig_test(only_a_paused_machine_is_saved),
        rig_test(devices_that_cannot_be_saved),
        rig_test(a_file_that_cannot_be_written),
        rig_test(older_and_intel_macs),
        rig_test(identifiers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
