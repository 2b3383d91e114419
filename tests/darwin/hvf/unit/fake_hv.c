/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_hv.h"

#include <string.h>

fake_hv fake;

hv_return_t fake_call(hv_return_t result)
{
    return atomic_fetch_add(&fake.calls, 1) + 1 == fake.fail_at ? fake.fail_with : result;
}

void *fake_object(void)
{
    if (fake_call(HV_SUCCESS) != HV_SUCCESS)
        return NULL;
    size_t i = 0;
    while (fake.object[i])
        i++;
    assert_in_range(i, 0, FAKE_OBJECTS - 1);
    fake.object[i] = true;
    fake.objects++;
    return &fake.object[i];
}

void fake_reset(void)
{
    static const uint64_t debug_features = 5u << 12 | 3u << 20; /* 6 breakpoints, 4 watchpoints */
    memset(&fake, 0, sizeof(fake));
    fake.macos_major = 15;
    fake.supported = true;
    fake.max_vcpus = 64;
    fake.max_ipa_bits = 40;
    fake.el2 = true;
    fake.feature[HV_FEATURE_REG_ID_AA64DFR0_EL1] = debug_features;
    fake.feature[HV_FEATURE_REG_ID_AA64ISAR1_EL1] = 1u << 8;
    fake.absolute = 1000000000;
    fake.continuous = 1000000000 + 5000;
    fake.distributor_size = 0x10000;
    fake.redistributor_size = 0x20000;
    fake.frame_size = 0x10000;
    fake.alignment = 0x10000;
    fake.first_spi = 32;
    fake.spis = 988;
    fake.fail_with = HV_ERROR;
}

void fake_end(void)
{
    assert_false(fake.vm);
    assert_false(fake.queue || fake.power || fake.power_open || fake.port);
    assert_int_equal(fake.objects, 0);
    assert_int_equal(fake.thread_faults, 0);
    for (size_t i = 0; i < FAKE_VCPUS; i++)
        assert_false(fake.vcpus[i].used);
}

bool abx_model_macos_at_least(int major, int minor);
bool abx_model_macos_at_least(int major, int minor)
{
    return fake.macos_major > major || (fake.macos_major == major && fake.macos_minor >= minor);
}

void os_release(void *object)
{
    bool *alive = object;
    assert_true(*alive);
    *alive = false;
    fake.objects--;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size)
{
    (void)new_value;
    (void)new_size;
    bool support = strcmp(name, "kern.hv_support") == 0;
    if (!support && strcmp(name, "kern.hv_vmm_present") != 0)
        return -1;
    *(int32_t *)old = support ? fake.supported : fake.inside_vm;
    *old_size = sizeof(int32_t);
    return 0;
}

uint64_t mach_absolute_time(void)
{
    return atomic_fetch_add(&fake.absolute, fake.absolute_per_reading) + fake.absolute_per_reading;
}

uint64_t mach_continuous_time(void)
{
    return fake.continuous;
}

int mach_timebase_info(struct mach_timebase_info *info)
{
    *info = (struct mach_timebase_info){ .numer = 125, .denom = 3 };
    return fake_call(HV_SUCCESS) == HV_SUCCESS ? 0 : 5;
}

hv_vm_config_t hv_vm_config_create(void)
{
    return fake_object();
}

hv_return_t hv_vm_config_get_max_ipa_size(uint32_t *bits)
{
    *bits = fake.max_ipa_bits;
    return fake_call(HV_SUCCESS);
}

hv_return_t hv_vm_config_set_ipa_size(hv_vm_config_t config, uint32_t bits)
{
    assert_non_null(config);
    hv_return_t result = fake_call(bits <= fake.max_ipa_bits ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        fake.ipa_bits = bits;
    return result;
}

hv_return_t hv_vm_config_get_el2_supported(bool *supported)
{
    *supported = fake.el2;
    return fake_call(HV_SUCCESS);
}

hv_return_t hv_vm_config_set_el2_enabled(hv_vm_config_t config, bool enabled)
{
    assert_non_null(config);
    hv_return_t result = fake_call(fake.el2 ? HV_SUCCESS : HV_UNSUPPORTED);
    fake.el2_enabled = result == HV_SUCCESS && enabled;
    return result;
}

hv_return_t hv_vm_create(hv_vm_config_t config)
{
    (void)config;
    hv_return_t result = fake_call(fake.vm ? HV_BUSY : fake.create_result);
    if (result == HV_SUCCESS)
        fake.vm = true;
    return result;
}

hv_return_t hv_vm_destroy(void)
{
    hv_return_t result = fake.vm ? fake.destroy_result : HV_NO_DEVICE;
    for (size_t i = 0; i < FAKE_VCPUS; i++)
        result = fake.vcpus[i].used ? HV_BUSY : result;
    if (result != HV_SUCCESS)
        return result;
    fake.vm = fake.gic = false;
    memset(fake.pages, 0, sizeof(fake.pages));
    return HV_SUCCESS;
}

hv_return_t hv_vm_get_max_vcpu_count(uint32_t *count)
{
    *count = fake.max_vcpus;
    return fake_call(HV_SUCCESS);
}

hv_vcpu_config_t hv_vcpu_config_create(void)
{
    return fake_object();
}

hv_return_t hv_vcpu_config_get_feature_reg(hv_vcpu_config_t config, hv_feature_reg_t reg, uint64_t *value)
{
    assert_non_null(config);
    assert_in_range(reg, 0, 15);
    *value = fake.feature[reg];
    return fake_call(HV_SUCCESS);
}
