/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"
#include "memory.h"
#include "turn.h"

#include <string.h>

enum { IPA_BITS = 36, IPA_BITS_MAX = 40, FEWEST_IPA_BITS = 32 };

struct model model;

struct hv_vm_config_s {
    uint32_t ipa_bits;
    bool el2;
};

hv_vm_config_t hv_vm_config_create(void)
{
    model_since(__func__, 13, 0);
    hv_vm_config_t config = model_object(__func__, sizeof(*config));
    config->ipa_bits = IPA_BITS;
    return config;
}

hv_return_t hv_vm_config_get_max_ipa_size(uint32_t *bits)
{
    model_since(__func__, 13, 0);
    *bits = IPA_BITS_MAX;
    return HV_SUCCESS;
}

hv_return_t hv_vm_config_get_default_ipa_size(uint32_t *bits)
{
    model_since(__func__, 13, 0);
    *bits = IPA_BITS;
    return HV_SUCCESS;
}

hv_return_t hv_vm_config_set_ipa_size(hv_vm_config_t config, uint32_t bits)
{
    hv_return_t status;
    model_since(__func__, 13, 0);
    if (model_fails(__func__, &status))
        return status;
    if (!config || bits < FEWEST_IPA_BITS || bits > IPA_BITS_MAX)
        return HV_BAD_ARGUMENT;
    config->ipa_bits = bits;
    return HV_SUCCESS;
}

hv_return_t hv_vm_config_get_ipa_size(hv_vm_config_t config, uint32_t *bits)
{
    model_since(__func__, 13, 0);
    *bits = config->ipa_bits;
    return HV_SUCCESS;
}

/* libunicorn has no EL2: this is a Mac before the M3. */
hv_return_t hv_vm_config_get_el2_supported(bool *supported)
{
    model_since(__func__, 15, 0);
    *supported = false;
    return HV_SUCCESS;
}

hv_return_t hv_vm_config_set_el2_enabled(hv_vm_config_t config, bool enabled)
{
    model_since(__func__, 15, 0);
    if (!config)
        return HV_BAD_ARGUMENT;
    if (enabled)
        return HV_UNSUPPORTED;
    config->el2 = false;
    return HV_SUCCESS;
}

static hv_return_t create(hv_vm_config_t config)
{
    hv_return_t status;
    if (model_fails("hv_vm_create", &status))
        return status;
    if (model.exists)
        return HV_BUSY;
    model.exists = true;
    model.ipa_bits = config ? config->ipa_bits : IPA_BITS;
    return HV_SUCCESS;
}

hv_return_t hv_vm_create(hv_vm_config_t config)
{
    turn_take();
    hv_return_t status = create(config);
    turn_give();
    return status;
}

static bool has_vcpus(void)
{
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        if (model.vcpus[i])
            return true;
    }
    return false;
}

static hv_return_t destroy(void)
{
    if (!model.exists)
        return HV_NO_DEVICE;
    if (has_vcpus())
        return HV_BUSY;
    gic_destroy();
    memory_forget();
    model.exists = false;
    return HV_SUCCESS;
}

hv_return_t hv_vm_destroy(void)
{
    turn_take();
    hv_return_t status = destroy();
    turn_give();
    return status;
}

hv_return_t hv_vm_get_max_vcpu_count(uint32_t *count)
{
    hv_return_t status;
    if (model_fails(__func__, &status))
        return status;
    *count = MODEL_VCPUS;
    return HV_SUCCESS;
}

unsigned standin_leftovers(void)
{
    turn_take();
    unsigned vcpus = 0;
    for (size_t i = 0; i < MODEL_VCPUS; i++)
        vcpus += model.vcpus[i] != NULL;
    unsigned all = (unsigned)model.exists + vcpus + memory_mappings() + model_objects();
    turn_give();
    return all;
}
