/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86_64's part of building VMs: exits that are asked for, interrupt controllers, MSR traps. */
#include "fake_kvm.h"

#include <errno.h>
#include <string.h>

static abx_kvm_hypervisor *hypervisor;

static int open_fake(void **state)
{
    (void)state;
    fake_reset();
    fake.extensions[KVM_CAP_EXIT_HYPERCALL] = 1 << 12;
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

/* The argument with which `capability` was enabled; UINT64_MAX if it was not. */
static uint64_t enabled(uint32_t capability)
{
    for (size_t i = 0; i < fake.count; i++) {
        struct kvm_enable_cap request;
        memcpy(&request, fake.calls[i].copy, sizeof(request));
        if (fake.calls[i].request == KVM_ENABLE_CAP && request.cap == capability)
            return request.args[0];
    }
    return UINT64_MAX;
}

static void exits_only_if_asked_for(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.cpus = 1;
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(enabled(KVM_CAP_X86_USER_SPACE_MSR), UINT64_MAX);
    assert_int_equal(enabled(KVM_CAP_EXIT_HYPERCALL), UINT64_MAX);
    assert_int_equal(enabled(KVM_CAP_X2APIC_API), UINT64_MAX);
    abx_kvm_vm_destroy(vm);

    config.msr_exits = true;
    config.hypercall_exits = true;
    config.cpus = 256;
    vm = fake_vm(hypervisor, &config);
    assert_int_equal(enabled(KVM_CAP_X86_USER_SPACE_MSR), 7);
    assert_int_equal(enabled(KVM_CAP_EXIT_HYPERCALL), 1 << 12);
    assert_int_equal(enabled(KVM_CAP_X2APIC_API), 3);
    abx_kvm_vm_destroy(vm);
}

static void sealing_order(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    config.pit = ABX_YES;
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    fake.count = 0;
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    assert_int_equal(fake.count, 4);
    assert_int_equal(fake.calls[0].request, KVM_SET_TSS_ADDR);
    assert_int_equal(fake.calls[1].request, KVM_SET_IDENTITY_MAP_ADDR);
    assert_int_equal(fake.calls[2].request, KVM_CREATE_IRQCHIP);
    assert_int_equal(fake.calls[3].request, KVM_CREATE_PIT2);
    uint64_t identity_map;
    memcpy(&identity_map, fake.calls[1].copy, sizeof(identity_map));
    /* Four pages, without overlap, in the device hole and clear of the APICs and of firmware below 4 GiB. */
    assert_int_equal(identity_map + 4096, fake.calls[0].value);
    assert_true(identity_map > 0xfee01000u && fake.calls[0].value + 3 * 4096 <= 0xff000000u);
    abx_kvm_vm_destroy(vm);
}

static void controllers_as_configured(void **state)
{
    (void)state;
    static const struct {
        abx_irqchip irqchip;
        bool kernel, split;
    } kinds[] = {
        { ABX_IRQCHIP_DEFAULT, true, false },
        { ABX_IRQCHIP_NONE, false, false },
        { ABX_IRQCHIP_KERNEL, true, false },
        { ABX_IRQCHIP_SPLIT, false, true },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        abx_vm_config config = ABX_VM_CONFIG_INIT;
        config.irqchip = kinds[i].irqchip;
        abx_kvm_vm *vm = fake_vm(hypervisor, &config);
        fake.count = 0;
        assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
        assert_int_equal(fake_count(KVM_CREATE_IRQCHIP), kinds[i].kernel);
        assert_int_equal(fake_count(KVM_CREATE_PIT2), 0);
        assert_int_equal(enabled(KVM_CAP_SPLIT_IRQCHIP), kinds[i].split ? 24 : UINT64_MAX);
        abx_kvm_vm_destroy(vm);
    }
}

static void sealing_reports_refusals(void **state)
{
    (void)state;
    static const unsigned long requests[] = { KVM_SET_TSS_ADDR, KVM_SET_IDENTITY_MAP_ADDR, KVM_CREATE_IRQCHIP,
                                              KVM_CREATE_PIT2 };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.pit = ABX_YES;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        abx_kvm_vm *vm = fake_vm(hypervisor, &config);
        fake.fail_request = requests[i];
        fake.fail_error = ENOMEM;
        fake.fail_after = 0;
        assert_int_equal(abx_kvm_vm_seal(vm), ABX_ERR_NO_MEMORY);
        fake.fail_error = 0;
        abx_kvm_vm_destroy(vm);
    }
}

static struct kvm_msr_filter last_filter(void)
{
    struct kvm_msr_filter filter;
    const fake_call *call = fake_last(KVM_X86_SET_MSR_FILTER);
    assert_non_null(call);
    memcpy(&filter, call->copy, sizeof(filter));
    return filter;
}

static void msr_traps_add_up(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.msr_exits = true;
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0x10, 1, true, false), ABX_OK);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0xc0000080, 5, true, true), ABX_OK);
    struct kvm_msr_filter filter = last_filter();
    assert_int_equal(filter.flags, KVM_MSR_FILTER_DEFAULT_ALLOW);
    assert_int_equal(filter.ranges[0].base, 0x10);
    assert_int_equal(filter.ranges[0].flags, KVM_MSR_FILTER_READ);
    assert_int_equal(filter.ranges[1].base, 0xc0000080);
    assert_int_equal(filter.ranges[1].nmsrs, 5);
    assert_int_equal(filter.ranges[1].flags, KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE);
    assert_int_equal(filter.ranges[1].bitmap[0], 0);
    assert_int_equal(filter.ranges[2].nmsrs, 0);

    /* A refused range is not kept. */
    fake.fail_request = KVM_X86_SET_MSR_FILTER;
    fake.fail_error = EINVAL;
    assert_int_equal(abx_kvm_trap_msrs(vm, 0x20, 1, true, true), ABX_ERR_SYSTEM);
    fake.fail_error = 0;
    for (uint32_t i = 2; i < 16; i++)
        assert_int_equal(abx_kvm_trap_msrs(vm, i, 1, false, true), ABX_OK);
    assert_int_equal(last_filter().ranges[2].base, 2);
    assert_int_equal(abx_kvm_trap_msrs(vm, 99, 1, false, true), ABX_ERR_LIMIT);
    abx_kvm_vm_destroy(vm);
}

static void msr_traps_that_make_no_sense(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.msr_exits = true;
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0, 0, true, true), ABX_ERR_INVALID);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0, 1, false, false), ABX_ERR_INVALID);
    assert_int_equal(abx_kvm_trap_msrs(vm, UINT32_MAX, 2, true, true), ABX_ERR_INVALID);
    assert_int_equal(abx_kvm_trap_msrs(vm, UINT32_MAX, 1, true, true), ABX_OK);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0, 12288, true, true), ABX_OK);
    assert_int_equal(abx_kvm_trap_msrs(vm, 0, 12289, true, true), ABX_ERR_LIMIT);
    config.msr_exits = false;
    assert_int_equal(abx_kvm_trap_msrs(vm, 0, 1, true, true), ABX_ERR_STATE);
    abx_kvm_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exits_only_if_asked_for, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(sealing_order, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(controllers_as_configured, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(sealing_reports_refusals, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(msr_traps_add_up, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(msr_traps_that_make_no_sense, open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
