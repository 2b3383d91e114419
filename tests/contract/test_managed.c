/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only managed backends do, each as its capability says: there or refused, and never half of it. */
#include "contract.h"

#include <string.h>

/* ABX_ERR_STATE where a VM of the default configuration, in a wrong state or without the device, meets a backend that
 * could do it. */
static abx_status expected(const abx_hypervisor *hypervisor, abx_cap cap)
{
    return abx_hypervisor_has(hypervisor, cap) ? ABX_ERR_STATE : ABX_ERR_NOT_SUPPORTED;
}

static void test_capabilities_tell_what_is_refused(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_vsock_listener *listener = UNTOUCHED;
    uint64_t bytes = 7;
    int fd = 77;
    assert_status(abx_vm_request_stop(vm), expected(hypervisor, ABX_CAP_REQUEST_STOP));
    assert_record(expected(hypervisor, ABX_CAP_REQUEST_STOP));
    assert_status(abx_vm_save(vm, "/nonexistent/file"), expected(hypervisor, ABX_CAP_SAVE));
    assert_record(expected(hypervisor, ABX_CAP_SAVE));
    assert_status(abx_balloon_set_target(vm, 1), expected(hypervisor, ABX_CAP_BALLOON));
    assert_status(abx_balloon_get_target(vm, &bytes), expected(hypervisor, ABX_CAP_BALLOON));
    assert_status(abx_vsock_connect(vm, 1, 0, &fd), expected(hypervisor, ABX_CAP_VSOCK));
    assert_status(abx_vsock_listen(&listener, vm, 1), expected(hypervisor, ABX_CAP_VSOCK));
    assert_ptr_equal(listener, UNTOUCHED);
    assert_int_equal(bytes, 7);
    assert_int_equal(fd, 77);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void test_restoring_from_nothing(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_status status = abx_vm_restore(vm, "/nonexistent/file");
    if (!abx_hypervisor_has(hypervisor, ABX_CAP_SAVE))
        assert_int_equal(status, ABX_ERR_NOT_SUPPORTED);
    assert_int_not_equal(status, ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    assert_ok(abx_vm_start(vm));
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

/* A guest without a kernel hears nothing. */
static void test_shutting_down(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    bool able = abx_hypervisor_has(hypervisor, ABX_CAP_REQUEST_STOP);
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_RUNNING);
    assert_status(abx_vm_shut_down(vm, 1), able ? ABX_ERR_TIMEOUT : ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_get_state(vm), able ? ABX_VM_STOPPED : ABX_VM_RUNNING);
    abx_vm_destroy(vm);
    vm = contract_vm(hypervisor, ABX_VM_PAUSED);
    assert_status(abx_vm_shut_down(vm, -1), expected(hypervisor, ABX_CAP_REQUEST_STOP));
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    abx_vm_destroy(vm);
    vm = contract_vm(hypervisor, ABX_VM_CREATED);
    assert_status(abx_vm_shut_down(vm, -1), able ? ABX_OK : ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    uint64_t bytes;
    size_t size;
    int fd;
    abx_vsock_listener *listener;
    assert_status(abx_vm_request_stop(NULL), ABX_ERR_INVALID);
    assert_status(abx_vm_shut_down(NULL, 0), ABX_ERR_INVALID);
    assert_status(abx_vm_save(NULL, "file"), ABX_ERR_INVALID);
    assert_status(abx_vm_restore(NULL, "file"), ABX_ERR_INVALID);
    assert_status(abx_vm_get_machine_id(NULL, NULL, 0, &size), ABX_ERR_INVALID);
    assert_status(abx_vm_get_cpu_time(NULL, &bytes), ABX_ERR_INVALID);
    assert_status(abx_balloon_set_target(NULL, 1), ABX_ERR_INVALID);
    assert_status(abx_balloon_get_target(NULL, &bytes), ABX_ERR_INVALID);
    assert_status(abx_vsock_connect(NULL, 1, 0, &fd), ABX_ERR_INVALID);
    assert_status(abx_vsock_listen(&listener, NULL, 1), ABX_ERR_INVALID);
    assert_status(abx_vsock_accept(NULL, 0, &fd, NULL), ABX_ERR_INVALID);
    assert_status(abx_rosetta_install(NULL), ABX_ERR_INVALID);
}

/* Who a machine is stays the same for its life, and differs from others'. */
static void test_machine_identifiers(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    unsigned char ids[3][4096]; /* of the first machine, of the first again, of the second */
    size_t sizes[3] = { 0 };
    for (int i = 0; i < 2; i++) {
        abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
        abx_status status = abx_vm_get_machine_id(vm, NULL, 0, &sizes[2 * i]);
        if (status == ABX_ERR_NOT_SUPPORTED) {
            assert_advice(ABX_ERR_NOT_SUPPORTED);
            abx_vm_destroy(vm);
            continue;
        }
        assert_int_equal(status, ABX_ERR_LIMIT);
        assert_ok(abx_vm_get_machine_id(vm, ids[2 * i], sizeof(ids[0]), &sizes[2 * i]));
        if (i == 0)
            assert_ok(abx_vm_get_machine_id(vm, ids[1], sizeof(ids[1]), &sizes[1]));
        abx_vm_destroy(vm);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_int_equal(sizes[0], sizes[2]);
    if (sizes[0]) {
        assert_memory_equal(ids[0], ids[1], sizes[0]);
        assert_memory_not_equal(ids[0], ids[2], sizes[0]);
    }
    abx_hypervisor_close(hypervisor);
}

int run_managed_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capabilities_tell_what_is_refused),
        cmocka_unit_test(test_restoring_from_nothing),
        cmocka_unit_test(test_shutting_down),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_machine_identifiers),
    };
    return cmocka_run_group_tests_name("managed", tests, NULL, NULL);
}
