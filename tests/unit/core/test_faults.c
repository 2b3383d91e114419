/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every allocation and system call of the core fails in turn; nothing stays behind, and nothing is half done. */
#include "cmocka_all.h"
#include "fake_manual.h"
#include "fault_seam.h"

#include <arcbox/builder.h>

#include <string.h>

enum { MANY = 200 };

/* What one life of a VM takes from the host, step by step. */
typedef struct life {
    abx_hypervisor *hypervisor;
    abx_vm_builder *builder;
    abx_vm *vm;
    abx_vcpu *vcpus[2];
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
    abx_vm_destroy(l->vm);
    abx_vm_builder_free(l->builder);
    abx_hypervisor_close(l->hypervisor);
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    unsigned n = 1;
    for (; n < MANY; n++) {
        life l = { NULL };
        long before = fault_seam_held();
        fake_manual_reset();
        fault_seam_fail(n);
        abx_status status = begin(&l);
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_fails_in_turn) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
