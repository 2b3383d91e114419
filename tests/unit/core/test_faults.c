/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every allocation and system call of the core fails in turn; nothing stays behind, and nothing is half done. */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"
#include "fault_seam.h"

#include <arcbox/builder.h>
#include <arcbox/vsock.h>

#include <string.h>

enum { MANY = 200 };

/* What one life of a VM takes from the host, step by step. */
typedef struct life {
    abx_hypervisor *hypervisor;
    abx_vm_builder *builder;
    abx_vm *vm;
    abx_vcpu *vcpus[2];
    abx_vsock_listener *listener;
} life;

static abx_status begin(life *l)
{
    abx_hypervisor_options options = fake_manual_options;
    options.kvm_device = "/dev/kvm";
    options.qemu_binary = "qemu";
    options.qemu_accel = "tcg";
    abx_status status = abx_hypervisor_open(&l->hypervisor, "fake", &options);
    if (status != ABX_OK)
        return status;
    l->builder = abx_vm_builder_new();
    if (!l->builder)
        return abx_last_error()->status;
    abx_vm_builder_name(l->builder, "faulty");
    abx_vm_builder_cpus(l->builder, 2);
    abx_vm_builder_memory(l->builder, 1 << 20);
    status = abx_vm_builder_create(l->builder, &l->vm, l->hypervisor);
    for (uint32_t id = 0; status == ABX_OK && id < 2; id++)
        status = abx_vcpu_create(&l->vcpus[id], l->vm, id);
    return status != ABX_OK ? status : abx_vm_start(l->vm);
}

static void end(const life *l)
{
    for (int id = 0; id < 2; id++)
        assert_int_equal(abx_vcpu_destroy(l->vcpus[id]), ABX_OK);
    abx_vsock_listener_close(l->listener);
    abx_vm_destroy(l->vm);
    abx_vm_builder_free(l->builder);
    abx_hypervisor_close(l->hypervisor);
}

/* The same of a managed VM, with all that its configuration can point to. */
static abx_status begin_managed(life *l)
{
    const abx_fs_share share = { NULL, "/", true };
    abx_status status = abx_hypervisor_open(&l->hypervisor, "qemu", &fake_managed_options);
    if (status != ABX_OK)
        return status;
    l->builder = abx_vm_builder_new();
    if (!l->builder)
        return abx_last_error()->status;
    abx_vm_builder_efi_variables(l->builder, "variables");
    abx_vm_builder_machine_id(l->builder, "me", 2);
    abx_vm_builder_device(l->builder, &(abx_device_config){ .kind = ABX_DEVICE_VSOCK });
    abx_vm_builder_device(l->builder, &(abx_device_config){ ABX_DEVICE_FS, .fs = { "tag", &share, 1 } });
    status = abx_vm_builder_create(l->builder, &l->vm, l->hypervisor);
    if (status == ABX_OK)
        status = abx_vsock_listen(&l->listener, l->vm, 1);
    return status != ABX_OK ? status : abx_vm_start(l->vm);
}

static void fail_each_call(abx_status (*begin_life)(life *))
{
    unsigned n = 1;
    for (; n < MANY; n++) {
        life l = { NULL };
        long before = fault_seam_held();
        fake_manual_reset();
        fault_seam_fail(n);
        abx_status status = begin_life(&l);
        bool has_failed = fault_seam_has_failed();
        fault_seam_fail(0);
        if (has_failed) {
            assert_int_not_equal(status, ABX_OK);
            assert_int_equal(abx_last_error()->status, status);
            assert_int_not_equal(strlen(abx_last_error()->operation), 0);
            assert_int_not_equal(strlen(abx_last_error()->message), 0);
        } else {
            assert_int_equal(status, ABX_OK);
        }
        /* What a failed step would have given is still NULL; ending NULL is nothing. */
        end(&l);
        assert_int_equal(fault_seam_held(), before);
        if (!has_failed)
            break;
    }
    print_message("%u calls can fail\n", n - 1);
    assert_in_range(n, 10, MANY - 1);
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    fail_each_call(begin);
}

static void those_of_managed_lives_too(void **state)
{
    (void)state;
    fail_each_call(begin_managed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_fails_in_turn),
                                        cmocka_unit_test(those_of_managed_lives_too) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
