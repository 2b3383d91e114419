/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "model.h"

hv_gic_config_t hv_gic_config_create(void)
{
    model_since(__func__, 15, 0);
    return NULL;
}

hv_return_t hv_gic_config_set_distributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    model_since(__func__, 15, 0);
    (void)config;
    (void)base;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_config_set_redistributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    model_since(__func__, 15, 0);
    (void)config;
    (void)base;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_config_set_msi_region_base(hv_gic_config_t config, hv_ipa_t base)
{
    model_since(__func__, 15, 0);
    (void)config;
    (void)base;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_config_set_msi_interrupt_range(hv_gic_config_t config, uint32_t first, uint32_t count)
{
    model_since(__func__, 15, 0);
    (void)config;
    (void)first;
    (void)count;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_create(hv_gic_config_t config)
{
    model_since(__func__, 15, 0);
    (void)config;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_reset(void)
{
    model_since(__func__, 15, 0);
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_distributor_size(size_t *size)
{
    model_since(__func__, 15, 0);
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_distributor_base_alignment(size_t *alignment)
{
    model_since(__func__, 15, 0);
    (void)alignment;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_redistributor_region_size(size_t *size)
{
    model_since(__func__, 15, 0);
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_redistributor_size(size_t *size)
{
    model_since(__func__, 15, 0);
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_redistributor_base_alignment(size_t *alignment)
{
    model_since(__func__, 15, 0);
    (void)alignment;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_msi_region_size(size_t *size)
{
    model_since(__func__, 15, 0);
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_msi_region_base_alignment(size_t *alignment)
{
    model_since(__func__, 15, 0);
    (void)alignment;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_spi_interrupt_range(uint32_t *first, uint32_t *count)
{
    model_since(__func__, 15, 0);
    (void)first;
    (void)count;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_redistributor_base(hv_vcpu_t vcpu, hv_ipa_t *base)
{
    model_since(__func__, 15, 0);
    (void)vcpu;
    (void)base;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_set_spi(uint32_t intid, bool level)
{
    model_since(__func__, 15, 0);
    (void)intid;
    (void)level;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_send_msi(hv_ipa_t address, uint32_t intid)
{
    model_since(__func__, 15, 0);
    (void)address;
    (void)intid;
    return HV_UNSUPPORTED;
}

hv_gic_state_t hv_gic_state_create(void)
{
    model_since(__func__, 15, 0);
    return NULL;
}

hv_return_t hv_gic_state_get_size(hv_gic_state_t state, size_t *size)
{
    model_since(__func__, 15, 0);
    (void)state;
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_state_get_data(hv_gic_state_t state, void *data)
{
    model_since(__func__, 15, 0);
    (void)state;
    (void)data;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_set_state(const void *data, size_t size)
{
    model_since(__func__, 15, 0);
    (void)data;
    (void)size;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_get_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t *value)
{
    model_since(__func__, 15, 0);
    (void)vcpu;
    (void)reg;
    (void)value;
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_set_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t value)
{
    model_since(__func__, 15, 0);
    (void)vcpu;
    (void)reg;
    (void)value;
    return HV_UNSUPPORTED;
}
