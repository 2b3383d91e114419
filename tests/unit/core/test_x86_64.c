/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

static abx_vm *vm;
static abx_vcpu *vcpu;

/* A VM that lets MSRs come out, with one vCPU. */
static int create(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.no_memory = true;
    config.msr_exits = true;
    fake_manual_reset();
    if (abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options) || abx_vm_create(&vm, hypervisor, &config))
        return -1;
    abx_hypervisor_close(hypervisor);
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

static void state_of_vcpus(void **state)
{
    (void)state;
    abx_x86_fpu fpu = { 0 };
    abx_x86_lapic lapic = { { 0 } };
    abx_x86_events events = { 0 };
    uint8_t area[16];
    size_t size = 0;
    assert_int_equal(abx_x86_get_fpu(vcpu, &fpu), ABX_OK);
    assert_int_equal(fpu.mxcsr, 0x1f80);
    assert_int_equal(abx_x86_set_fpu(vcpu, &fpu), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &fpu);
    assert_int_equal(abx_x86_get_xsave(vcpu, area, sizeof(area), &size), ABX_OK);
    expect_arguments(area, sizeof(area));
    assert_int_equal(size, 832);
    assert_int_equal(abx_x86_set_xsave(vcpu, area, 5), ABX_OK);
    expect_arguments(area, 5);
    assert_int_equal(abx_x86_get_lapic(vcpu, &lapic), ABX_OK);
    assert_int_equal(lapic.page[0x20], 3);
    assert_int_equal(abx_x86_set_lapic(vcpu, &lapic), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &lapic);
    assert_int_equal(abx_x86_get_events(vcpu, &events), ABX_OK);
    assert_true(events.nmi_pending);
    assert_int_equal(abx_x86_set_events(vcpu, &events), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &events);
}

static void lists(void **state)
{
    (void)state;
    const abx_hypervisor *hypervisor = abx_vm_get_hypervisor(vm);
    abx_x86_cpuid leaves[2];
    uint32_t msrs[3];
    size_t count = 0;
    assert_int_equal(abx_x86_supported_cpuid(hypervisor, leaves, 2, &count), ABX_OK);
    expect_arguments(leaves, 2);
    assert_int_equal(count, 5);
    assert_int_equal(abx_x86_set_cpuid(vcpu, leaves, 2), ABX_OK);
    expect_arguments(leaves, 2);
    assert_int_equal(abx_x86_get_cpuid(vcpu, NULL, 0, &count), ABX_OK);
    assert_int_equal(count, 6);
    assert_int_equal(abx_x86_msr_list(hypervisor, msrs, 3, &count), ABX_OK);
    expect_arguments(msrs, 3);
    assert_int_equal(count, 7);
}

static void clocks(void **state)
{
    (void)state;
    uint32_t khz = 0;
    uint64_t clock = 0;
    assert_int_equal(abx_x86_get_tsc_khz(vcpu, &khz), ABX_OK);
    assert_int_equal(khz, 2000000);
    assert_int_equal(abx_x86_set_tsc_khz(vcpu, 1000), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 1000);
    assert_int_equal(abx_x86_get_clock(vm, &clock), ABX_OK);
    assert_int_equal(clock, 123456789);
    assert_int_equal(abx_x86_set_clock(vm, 77), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 77);
}

static void msrs_are_trapped_before_the_start(void **state)
{
    (void)state;
    assert_int_equal(abx_x86_trap_msrs(vm, 0x10, 2, true, false), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 0x11);
    assert_int_equal(abx_x86_trap_msrs(vm, UINT32_MAX, 1, true, true), ABX_OK);
    assert_int_equal(abx_x86_trap_msrs(vm, UINT32_MAX, 2, true, true), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_trap_msrs(vm, 0x10, 0, true, true), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_trap_msrs(vm, 0x10, 1, false, false), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_x86_trap_msrs(vm, 0x10, 1, true, true), ABX_ERR_STATE);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    const abx_hypervisor *hypervisor = abx_vm_get_hypervisor(vm);
    size_t count = 0;
    assert_int_equal(abx_x86_get_fpu(NULL, &(abx_x86_fpu){ 0 }), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_get_fpu(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_get_xsave(vcpu, NULL, 1, &count), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_get_lapic(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_set_cpuid(vcpu, NULL, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_supported_cpuid(NULL, NULL, 0, &count), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_supported_cpuid(hypervisor, NULL, 1, &count), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_msr_list(hypervisor, NULL, 0, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_set_tsc_khz(vcpu, 0), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_get_clock(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_x86_set_clock(NULL, 1), ABX_ERR_INVALID);
}

static abx_vm *other_vm(const abx_backend *backend, abx_arch arch, abx_irqchip irqchip)
{
    const abx_backend *const list[] = { backend };
    abx_hypervisor_options options = fake_manual_options;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_hypervisor *hypervisor;
    abx_vm *other;
    fake_manual_capabilities.guest_archs |= 1u << arch;
    options.backends = list;
    options.guest_arch = arch;
    config.no_memory = true;
    config.irqchip = irqchip;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    assert_int_equal(abx_vm_create(&other, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return other;
}

static void other_architectures_have_none_of_it(void **state)
{
    (void)state;
    uint64_t clock = 0;
    abx_vcpu *other;
    abx_vm *arm = other_vm(&fake_manual, ABX_ARCH_ARM64, ABX_IRQCHIP_DEFAULT);
    assert_int_equal(abx_x86_get_clock(arm, &clock), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_create(&other, arm, 0), ABX_OK);
    assert_int_equal(abx_x86_get_fpu(other, &(abx_x86_fpu){ 0 }), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_destroy(other), ABX_OK);
    abx_vm_destroy(arm);
}

static void absent_functions_are_not_supported(void **state)
{
    (void)state;
    abx_backend_x86_64 poor = { .get_clock = fake_manual_x86_64.get_clock };
    abx_backend backend = fake_manual;
    uint64_t clock = 0;
    size_t count = 0;
    backend.x86_64 = &poor;
    abx_vm *other = other_vm(&backend, ABX_ARCH_X86_64, ABX_IRQCHIP_DEFAULT);
    assert_int_equal(abx_x86_get_clock(other, &clock), ABX_OK);
    assert_int_equal(abx_x86_set_clock(other, clock), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_x86_msr_list(abx_vm_get_hypervisor(other), NULL, 0, &count), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(other);
}

static void the_vms_configuration_counts(void **state)
{
    (void)state;
    abx_x86_lapic lapic;
    abx_vcpu *other;
    abx_vm *bare = other_vm(&fake_manual, ABX_ARCH_X86_64, ABX_IRQCHIP_NONE);
    assert_int_equal(abx_x86_trap_msrs(bare, 0x10, 1, true, true), ABX_ERR_STATE);
    assert_int_equal(abx_vcpu_create(&other, bare, 0), ABX_OK);
    assert_int_equal(abx_x86_get_lapic(other, &lapic), ABX_ERR_STATE);
    assert_int_equal(abx_vcpu_destroy(other), ABX_OK);
    abx_vm_destroy(bare);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(state_of_vcpus),
        CASE(lists),
        CASE(clocks),
        CASE(msrs_are_trapped_before_the_start),
        CASE(wrong_arguments_are_refused),
        CASE(other_architectures_have_none_of_it),
        CASE(absent_functions_are_not_supported),
        CASE(the_vms_configuration_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
