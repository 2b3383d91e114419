/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Building VMs: what is asked of the kernel, in which order, and what is left when it refuses. */
#include "fake_kvm.h"

#include <string.h>

static abx_kvm_hypervisor *hypervisor;

static int open_fake(void **state)
{
    (void)state;
    fake_reset();
    hypervisor = fake_open();
    fake.count = 0;
    return 0;
}

static int close_fake(void **state)
{
    (void)state;
    abx_kvm_close(hypervisor);
    return 0;
}

static uint64_t enabled(uint32_t capability)
{
    for (size_t i = 0; i < fake.count; i++) {
        struct kvm_enable_cap request;
        memcpy(&request, fake.calls[i].copy, sizeof(request));
        if (fake.calls[i].request == KVM_ENABLE_CAP && request.cap == capability)
            return request.args[0];
    }
    return 0;
}

static void dirty_log_is_cleared_by_hand(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(enabled(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2), KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
    abx_kvm_vm_destroy(vm);
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.msr_exits = true;
    config.hypercall_exits = true;
    size_t before = open_descriptors();
    abx_kvm_vm_destroy(fake_vm(hypervisor, &config));
    assert_int_equal(open_descriptors(), before);
    size_t calls = fake.count;
    size_t failures = 0;
    for (size_t n = 1; n <= calls; n++) {
        void *vm = NULL;
        fake.count = 0;
        fake.fail_call = n;
        if (abx_kvm_vm_create(&vm, hypervisor, &config, NULL) == ABX_OK) {
            abx_kvm_vm_destroy(vm);
        } else {
            assert_null(vm);
            assert_int_equal(abx_last_error()->status, ABX_ERR_NO_MEMORY);
            failures++;
        }
        assert_int_equal(open_descriptors(), before);
    }
    assert_true(failures >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dirty_log_is_cleared_by_hand, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(failures_leave_nothing_behind, open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
