/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ARM64's part of opening KVM and of building VMs and vCPUs: what is asked, in which order, and what failures leave. */
#include "backends.h"
#include "fake_kvm.h"
#include "linux/arm64/uapi.h"

#include <errno.h>
#include <string.h>

static abx_vm_config config;

static int reset(void **state)
{
    (void)state;
    fake_reset();
    config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    config.cpus = 2;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    return 0;
}

static uint64_t attribute(size_t call, uint32_t *group)
{
    struct kvm_device_attr access;
    memcpy(&access, fake.calls[call].copy, sizeof(access));
    *group = access.group;
    return access.attr;
}

static void capabilities_come_from_the_kernel(void **state)
{
    (void)state;
    fake.extensions[KVM_CAP_MAX_VCPUS] = 512;
    abx_kvm_hypervisor *hypervisor = fake_open();
    const abx_capabilities *caps = &hypervisor->caps;
    assert_int_equal(caps->phys_bits, 44);
    assert_int_equal(caps->breakpoints, 4);
    assert_int_equal(caps->max_vcpus, 123); /* as many redistributors have room */
    static const abx_cap there[] = { ABX_CAP_IRQCHIP,      ABX_CAP_MSI,    ABX_CAP_SVE,
                                     ABX_CAP_PMU,          ABX_CAP_NESTED, ABX_CAP_HYPERCALL_EXITS,
                                     ABX_CAP_POINTER_AUTH, ABX_CAP_PSCI };
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        assert_true(abx_capabilities_has(caps, there[i]));
    assert_false(abx_capabilities_has(caps, ABX_CAP_SPLIT_IRQCHIP));
    assert_int_equal(fake_last(KVM_CREATE_VM)->value, 44);
    abx_kvm_close(hypervisor);

    fake.extensions[KVM_CAP_ARM_VM_IPA_SIZE] = 0;
    fake.extensions[KVM_CAP_ARM_PTRAUTH_GENERIC] = 0;
    fake.extensions[KVM_CAP_ARM_EL2] = 0;
    hypervisor = fake_open();
    caps = &hypervisor->caps;
    assert_int_equal(caps->phys_bits, 40);
    assert_int_equal(fake_last(KVM_CREATE_VM)->value, 0);
    assert_false(abx_capabilities_has(caps, ABX_CAP_POINTER_AUTH));
    assert_false(abx_capabilities_has(caps, ABX_CAP_NESTED));
    abx_kvm_close(hypervisor);
}

/* The kind that is tried first is not there. */
static void version_two_is_next(void **state)
{
    (void)state;
    fake.fail_request = KVM_CREATE_DEVICE;
    fake.fail_error = ENODEV;
    abx_arm64_gic gic;
    abx_kvm_hypervisor *hypervisor = fake_open();
    assert_int_equal(hypervisor->arch.gic_version, 2);
    assert_false(abx_capabilities_has(&hypervisor->caps, ABX_CAP_MSI));
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_backend_kvm.arm64->get_gic(vm, &gic), ABX_OK);
    assert_int_equal(gic.version, 2);
    assert_false(gic.has_its);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
}

/* How many capabilities a new VM is given, and the last of them. */
static size_t enabled(struct kvm_enable_cap *last)
{
    abx_kvm_hypervisor *hypervisor = fake_open();
    abx_kvm_vm_destroy(fake_vm(hypervisor, &config));
    abx_kvm_close(hypervisor);
    size_t count = fake_count(KVM_ENABLE_CAP);
    if (count > 0)
        memcpy(last, fake_last(KVM_ENABLE_CAP)->copy, sizeof(*last));
    return count;
}

static void suspending_comes_out_where_that_is_offered(void **state)
{
    (void)state;
    struct kvm_enable_cap last = { 0 };
    size_t with = enabled(&last);
    assert_int_equal(last.cap, KVM_CAP_ARM_SYSTEM_SUSPEND);
    fake_reset();
    fake.extensions[KVM_CAP_ARM_SYSTEM_SUSPEND] = 0;
    assert_int_equal(enabled(&last), with - 1);
    assert_int_not_equal(last.cap, KVM_CAP_ARM_SYSTEM_SUSPEND);
}

/* Devices, then all vCPUs, then the devices are initialised. */
static void sealing_order(void **state)
{
    (void)state;
    abx_kvm_hypervisor *hypervisor = fake_open();
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    fake.count = 0;
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    static const unsigned long order[] = {
        KVM_CREATE_DEVICE,        KVM_SET_DEVICE_ATTR, KVM_SET_DEVICE_ATTR,      KVM_SET_DEVICE_ATTR, KVM_CREATE_DEVICE,
        KVM_SET_DEVICE_ATTR,      KVM_CREATE_VCPU,     KVM_ARM_PREFERRED_TARGET, KVM_ARM_VCPU_INIT,   KVM_CREATE_VCPU,
        KVM_ARM_PREFERRED_TARGET, KVM_ARM_VCPU_INIT,   KVM_SET_DEVICE_ATTR,      KVM_SET_DEVICE_ATTR,
    };
    assert_int_equal(fake.count, sizeof(order) / sizeof(order[0]));
    for (size_t i = 0; i < fake.count; i++)
        assert_int_equal(fake.calls[i].request, order[i]);
    uint32_t group;
    assert_int_equal(attribute(12, &group), KVM_DEV_ARM_VGIC_CTRL_INIT);
    assert_int_equal(group, KVM_DEV_ARM_VGIC_GRP_CTRL);
    abx_kvm_vm_destroy(vm);

    config.irqchip = ABX_IRQCHIP_NONE;
    vm = fake_vm(hypervisor, &config);
    fake.count = 0;
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    assert_int_equal(fake_count(KVM_CREATE_DEVICE), 0);
    assert_int_equal(fake_count(KVM_CREATE_VCPU), 2);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
}

static uint32_t features_of(abx_kvm_vm *vm, uint32_t id)
{
    void *object = NULL;
    assert_int_equal(abx_kvm_vcpu_create(&object, vm, id), ABX_OK);
    const abx_kvm_vcpu *vcpu = object;
    const struct kvm_vcpu_init init = vcpu->arch.init;
    assert_int_equal(init.target, KVM_ARM_TARGET_GENERIC_V8);
    abx_kvm_vcpu_destroy(object);
    return init.features[0];
}

static void features_are_those_asked_for(void **state)
{
    (void)state;
    abx_kvm_hypervisor *hypervisor = fake_open();
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    assert_int_equal(features_of(vm, 0), 1 << KVM_ARM_VCPU_PSCI_0_2);
    assert_int_equal(features_of(vm, 1), 1 << KVM_ARM_VCPU_PSCI_0_2 | 1 << KVM_ARM_VCPU_POWER_OFF);
    assert_int_equal(fake_count(KVM_ARM_VCPU_FINALIZE), 0);
    abx_kvm_vm_destroy(vm);

    config.pmu = config.sve = config.pointer_auth = config.nested = ABX_YES;
    vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    assert_int_equal(features_of(vm, 0), 0xfc);
    assert_int_equal(fake_count(KVM_ARM_VCPU_FINALIZE), 2);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
}

static void a_number_is_used_once(void **state)
{
    (void)state;
    void *vcpu = NULL;
    abx_kvm_hypervisor *hypervisor = fake_open();
    abx_kvm_vm *vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    features_of(vm, 1);
    assert_int_equal(abx_kvm_vcpu_create(&vcpu, vm, 1), ABX_ERR_EXISTS);
    assert_null(vcpu);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
}

static void lines_are_spis(void **state)
{
    (void)state;
    assert_int_equal(abx_kvm_arch_line(0), 0x01000020);
    assert_int_equal(abx_kvm_arch_line(255), 0x0100011f);
}

static abx_status build(void)
{
    void *hypervisor = NULL, *vm = NULL, *vcpu = NULL;
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    abx_capabilities caps = { .size = sizeof(caps) };
    options.kvm_device = "/dev/null";
    abx_status status = abx_kvm_open(&hypervisor, &options, &caps);
    if (status == ABX_OK)
        status = abx_kvm_vm_create(&vm, hypervisor, &config, NULL);
    if (status == ABX_OK)
        status = abx_kvm_vm_seal(vm);
    if (status == ABX_OK)
        status = abx_kvm_vcpu_create(&vcpu, vm, 1);
    if (vcpu)
        abx_kvm_vcpu_destroy(vcpu);
    if (vm)
        abx_kvm_vm_destroy(vm);
    if (hypervisor)
        abx_kvm_close(hypervisor);
    return status;
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    config.pmu = config.sve = config.pointer_auth = ABX_YES;
    config.hypercall_exits = true;
    size_t before = open_descriptors();
    assert_int_equal(build(), ABX_OK);
    assert_int_equal(open_descriptors(), before);
    size_t calls = fake.count, failures = 0;
    for (size_t n = 1; n <= calls; n++) {
        fake.count = 0;
        fake.fail_call = n;
        abx_status status = build();
        failures += status != ABX_OK;
        assert_true(status == ABX_OK || abx_last_error()->status == status);
        assert_int_equal(open_descriptors(), before);
    }
    assert_true(failures >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(capabilities_come_from_the_kernel, reset),
        cmocka_unit_test_setup(version_two_is_next, reset),
        cmocka_unit_test_setup(suspending_comes_out_where_that_is_offered, reset),
        cmocka_unit_test_setup(sealing_order, reset),
        cmocka_unit_test_setup(features_are_those_asked_for, reset),
        cmocka_unit_test_setup(a_number_is_used_once, reset),
        cmocka_unit_test_setup(lines_are_spis, reset),
        cmocka_unit_test_setup(failures_leave_nothing_behind, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
