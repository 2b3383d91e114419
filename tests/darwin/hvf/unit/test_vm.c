/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static int setup(void **state)
{
    static hvf_rig rig;
    rig = (hvf_rig){ .hypervisor = NULL };
    fake_reset();
    assert_int_equal(rig_open(&rig), ABX_OK);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    hvf_rig *rig = *state;
    abx_hypervisor_close(rig->hypervisor);
    fake_end();
    return 0;
}

static abx_vm_config config_of(abx_irqchip irqchip)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = RIG_RAM_SIZE;
    config.irqchip = irqchip;
    return config;
}

static void a_vm_has_all_guest_addresses(void **state)
{
    hvf_rig *rig = *state;
    abx_vm_config config = config_of(ABX_IRQCHIP_NONE);
    abx_vm *vm;
    assert_int_equal(abx_vm_create(&vm, rig->hypervisor, &config), ABX_OK);
    assert_true(fake.vm);
    assert_int_equal(fake.ipa_bits, 40);
    assert_int_equal(fake.objects, 0); /* the configuration is released */
    assert_false(fake.el2_enabled);
    assert_int_equal(fake_mapped(), RIG_RAM_SIZE / FAKE_PAGE);
    abx_vm_destroy(vm);
    assert_false(fake.vm);
}

static void older_systems_choose_themselves(void **state)
{
    hvf_rig *rig = *state;
    abx_hypervisor_close(rig->hypervisor);
    fake.macos_major = 12;
    assert_int_equal(rig_open(rig), ABX_OK);
    abx_vm_config config = config_of(ABX_IRQCHIP_DEFAULT);
    abx_vm *vm;
    assert_int_equal(abx_vm_create(&vm, rig->hypervisor, &config), ABX_OK);
    assert_int_equal(fake.ipa_bits, 0);
    assert_int_equal(abx_vm_get_config(vm)->irqchip, ABX_IRQCHIP_NONE);
    abx_vm_destroy(vm);
    config = config_of(ABX_IRQCHIP_KERNEL);
    assert_fails(abx_vm_create(&vm, rig->hypervisor, &config), ABX_ERR_CONFIG, "irqchip");
}

static void there_is_one_vm(void **state)
{
    hvf_rig *rig = *state;
    abx_vm_config config = config_of(ABX_IRQCHIP_NONE);
    abx_vm *vm, *second;
    assert_int_equal(abx_vm_create(&vm, rig->hypervisor, &config), ABX_OK);
    assert_fails(abx_vm_create(&second, rig->hypervisor, &config), ABX_ERR_LIMIT, "run each VM in a process");
    abx_vm_destroy(vm);
    assert_int_equal(abx_vm_create(&second, rig->hypervisor, &config), ABX_OK);
    abx_vm_destroy(second);
}

static void guests_get_el2_if_asked_for(void **state)
{
    hvf_rig *rig = *state;
    abx_vm_config config = config_of(ABX_IRQCHIP_NONE);
    config.nested = ABX_YES;
    abx_vm *vm;
    abx_vcpu *vcpu;
    assert_int_equal(abx_vm_create(&vm, rig->hypervisor, &config), ABX_OK);
    assert_true(fake.el2_enabled);
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_OK);
    assert_int_equal(fake.vcpus[0].general[HV_REG_CPSR], 0x3c9);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

static void memory_is_in_pages_of_16_kib(void **state)
{
    hvf_rig *rig = *state;
    abx_vm_config config = config_of(ABX_IRQCHIP_NONE);
    config.memory_size = RIG_RAM_SIZE + 4096;
    abx_vm *vm;
    assert_fails(abx_vm_create(&vm, rig->hypervisor, &config), ABX_ERR_CONFIG,
                 "memory_size: 2101248 is not a multiple of the page size 16384");
}

static void every_failing_call_gives_all_back(void **state)
{
    hvf_rig *rig = *state;
    abx_vm_config config = config_of(ABX_IRQCHIP_KERNEL);
    config.nested = ABX_YES;
    uint32_t first = fake.calls;
    uint32_t failures = 0;
    for (uint32_t at = 1;; at++) {
        abx_vm *vm = NULL;
        first = fake.calls;
        fake.fail_at = first + at;
        abx_status status = abx_vm_create(&vm, rig->hypervisor, &config);
        if (status == ABX_OK)
            status = abx_vm_start(vm); /* seals it */
        bool reached = fake.calls >= first + at;
        fake.fail_at = 0;
        abx_vm_destroy(vm);
        assert_int_equal(status != ABX_OK, reached);
        assert_false(fake.vm);
        assert_int_equal(fake.objects, 0);
        assert_int_equal(fake_mapped(), 0);
        if (!reached)
            break;
        failures++;
    }
    assert_in_range(failures, 8, 12);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_vm_has_all_guest_addresses),
        CASE(older_systems_choose_themselves),
        CASE(there_is_one_vm),
        CASE(guests_get_el2_if_asked_for),
        CASE(memory_is_in_pages_of_16_kib),
        CASE(every_failing_call_gives_all_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
