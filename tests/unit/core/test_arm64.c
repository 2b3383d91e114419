/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <string.h>

static abx_vm *vm;
static abx_vcpu *vcpu;

static abx_vm *vm_of(const abx_backend *backend, abx_arch arch, abx_irqchip irqchip)
{
    const abx_backend *const list[] = { backend };
    abx_hypervisor_options options = fake_manual_options;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_hypervisor *hypervisor;
    abx_vm *made;
    fake_manual_capabilities.guest_archs |= 1u << arch;
    options.backends = list;
    options.guest_arch = arch;
    config.no_memory = true;
    config.irqchip = irqchip;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    assert_int_equal(abx_vm_create(&made, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return made;
}

static int create(void **state)
{
    (void)state;
    fake_manual_reset();
    vm = vm_of(&fake_manual, ABX_ARCH_ARM64, ABX_IRQCHIP_DEFAULT);
    return abx_vcpu_create(&vcpu, vm, 0);
}

static int destroy(void **state)
{
    (void)state;
    abx_status status = abx_vcpu_destroy(vcpu);
    abx_vm_destroy(vm);
    return status;
}

static void expect_arguments(const void *pointer, size_t count)
{
    assert_ptr_equal(fake_manual_arguments.pointer, pointer);
    assert_int_equal(fake_manual_arguments.count, count);
}

static void interrupt_controllers(void **state)
{
    (void)state;
    abx_arm64_gic gic = { 0 };
    uint8_t block[16];
    size_t size = 0;
    assert_int_equal(abx_arm64_get_gic(vm, &gic), ABX_OK);
    assert_int_equal(gic.version, 3);
    assert_int_equal(gic.lines, 64);
    assert_true(gic.has_its);
    assert_int_equal(abx_arm64_save_gic(vm, block, sizeof(block), &size), ABX_OK);
    expect_arguments(block, sizeof(block));
    assert_int_equal(size, 4321);
    assert_int_equal(abx_arm64_save_gic(vm, NULL, 0, &size), ABX_OK);
    assert_int_equal(abx_arm64_restore_gic(vm, block, 7), ABX_OK);
    expect_arguments(block, 7);
    assert_int_equal(abx_arm64_set_ppi(vm, 0, 15, true), ABX_OK);
    assert_int_equal(fake_manual_arguments.count, 31);
    assert_int_equal(abx_arm64_set_ppi(vm, 0, 16, true), ABX_ERR_LIMIT);
    assert_int_equal(abx_arm64_set_ppi(vm, abx_vm_get_config(vm)->cpus, 0, true), ABX_ERR_LIMIT);
}

static void state_of_vcpus(void **state)
{
    (void)state;
    abx_arm64_events events = { 0 };
    assert_int_equal(abx_arm64_get_events(vcpu, &events), ABX_OK);
    assert_true(events.serror_pending);
    assert_int_equal(abx_arm64_set_events(vcpu, &events), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &events);
    assert_int_equal(abx_arm64_reset(vcpu), ABX_OK);
    abx_reg names[3];
    size_t count = 0;
    assert_int_equal(abx_arm64_sysreg_list(vcpu, names, 3, &count), ABX_OK);
    expect_arguments(names, 3);
    assert_int_equal(count, 99);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    size_t size;
    assert_int_equal(abx_arm64_get_gic(NULL, &(abx_arm64_gic){ 0 }), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_get_gic(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_save_gic(vm, NULL, 1, &size), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_save_gic(vm, NULL, 0, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_restore_gic(vm, NULL, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_get_events(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_set_events(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_reset(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_set_ppi(NULL, 0, 0, true), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_sysreg_list(vcpu, NULL, 1, &size), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_sysreg_list(vcpu, NULL, 0, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_set_irq(NULL, true, true), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_get_timer(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_arm64_unmask_timer(NULL), ABX_ERR_INVALID);
}

static void other_architectures_have_none_of_it(void **state)
{
    (void)state;
    abx_arm64_gic gic;
    abx_vcpu *other;
    abx_vm *x86 = vm_of(&fake_manual, ABX_ARCH_X86_64, ABX_IRQCHIP_DEFAULT);
    assert_int_equal(abx_arm64_get_gic(x86, &gic), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_create(&other, x86, 0), ABX_OK);
    assert_int_equal(abx_arm64_reset(other), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_destroy(other), ABX_OK);
    abx_vm_destroy(x86);
}

static void absent_functions_are_not_supported(void **state)
{
    (void)state;
    abx_backend_arm64 poor = { .get_gic = fake_manual_arm64.get_gic };
    abx_backend backend = fake_manual;
    abx_arm64_gic gic;
    size_t size;
    backend.arm64 = &poor;
    abx_vm *other = vm_of(&backend, ABX_ARCH_ARM64, ABX_IRQCHIP_DEFAULT);
    assert_int_equal(abx_arm64_get_gic(other, &gic), ABX_OK);
    assert_int_equal(abx_arm64_save_gic(other, NULL, 0, &size), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(other);
    backend.arm64 = NULL;
    other = vm_of(&backend, ABX_ARCH_ARM64, ABX_IRQCHIP_DEFAULT);
    assert_int_equal(abx_arm64_get_gic(other, &gic), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(other);
}

static void without_controllers_there_is_no_state(void **state)
{
    (void)state;
    abx_arm64_gic gic;
    size_t size;
    abx_vm *bare = vm_of(&fake_manual, ABX_ARCH_ARM64, ABX_IRQCHIP_NONE);
    assert_int_equal(abx_arm64_get_gic(bare, &gic), ABX_ERR_STATE);
    assert_int_equal(abx_arm64_set_ppi(bare, 0, 0, true), ABX_ERR_STATE);
    assert_int_equal(abx_arm64_save_gic(bare, NULL, 0, &size), ABX_ERR_STATE);
    assert_int_equal(abx_arm64_restore_gic(bare, "", 1), ABX_ERR_STATE);
    abx_vm_destroy(bare);
}

static void without_controllers_the_caller_drives_the_inputs(void **state)
{
    (void)state;
    abx_vcpu *own;
    abx_arm64_timer timer = { 0 };
    abx_vm *bare = vm_of(&fake_manual, ABX_ARCH_ARM64, ABX_IRQCHIP_NONE);
    assert_int_equal(abx_vcpu_create(&own, bare, 0), ABX_OK);
    assert_int_equal(abx_arm64_set_irq(own, true, false), ABX_OK);
    assert_int_equal(fake_manual_arguments.count, 2);
    assert_int_equal(abx_arm64_set_irq(own, false, true), ABX_OK);
    assert_int_equal(fake_manual_arguments.count, 1);
    assert_int_equal(abx_arm64_get_timer(own, &timer), ABX_OK);
    assert_true(timer.enabled);
    assert_int_equal(timer.compare - timer.count, 1000);
    assert_int_equal(abx_arm64_unmask_timer(own), ABX_OK);
    assert_non_null(strstr(fake_log_text(), "set_irq set_irq get_timer unmask_timer"));
    assert_int_equal(abx_vcpu_destroy(own), ABX_OK);
    abx_vm_destroy(bare);
}

static void controllers_in_the_kernel_drive_them_otherwise(void **state)
{
    (void)state;
    abx_arm64_timer timer;
    assert_int_equal(abx_arm64_set_irq(vcpu, true, false), ABX_ERR_STATE);
    assert_int_equal(abx_arm64_unmask_timer(vcpu), ABX_ERR_STATE);
    assert_int_equal(abx_arm64_get_timer(vcpu, &timer), ABX_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(interrupt_controllers),
        CASE(state_of_vcpus),
        CASE(wrong_arguments_are_refused),
        CASE(other_architectures_have_none_of_it),
        CASE(absent_functions_are_not_supported),
        CASE(without_controllers_there_is_no_state),
        CASE(without_controllers_the_caller_drives_the_inputs),
        CASE(controllers_in_the_kernel_drive_them_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
