/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_hv.h"

#include <stdlib.h>
#include <string.h>

/* One that an older macOS does not have must not be called there. */
static void require_15(void)
{
    assert_in_range(fake.macos_major, 15, 99);
}

hv_gic_config_t hv_gic_config_create(void)
{
    require_15();
    return fake_object();
}

static hv_return_t set_base(const void *config, hv_ipa_t *base, hv_ipa_t value)
{
    assert_non_null(config);
    hv_return_t result = fake_call(value % fake.alignment == 0 ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *base = value;
    return result;
}

hv_return_t hv_gic_config_set_distributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    return set_base(config, &fake.distributor, base);
}

hv_return_t hv_gic_config_set_redistributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    return set_base(config, &fake.redistributors, base);
}

hv_return_t hv_gic_config_set_msi_region_base(hv_gic_config_t config, hv_ipa_t base)
{
    return set_base(config, &fake.frame, base);
}

hv_return_t hv_gic_config_set_msi_interrupt_range(hv_gic_config_t config, uint32_t first, uint32_t count)
{
    assert_non_null(config);
    bool fits = first >= fake.first_spi && first + count <= fake.first_spi + fake.spis;
    fake.first_message = first;
    fake.messages = count;
    return fake_call(fits ? HV_SUCCESS : HV_BAD_ARGUMENT);
}

hv_return_t hv_gic_create(hv_gic_config_t config)
{
    assert_non_null(config);
    hv_return_t result = fake_call(fake.vm && !fake.gic ? HV_SUCCESS : HV_BAD_ARGUMENT);
    for (size_t i = 0; i < FAKE_VCPUS; i++)
        assert_false(fake.vcpus[i].used);
    fake.gic = fake.gic || result == HV_SUCCESS;
    return result;
}

static hv_return_t tell(size_t *out, size_t value)
{
    require_15();
    *out = value;
    return fake_call(HV_SUCCESS);
}

hv_return_t hv_gic_get_distributor_size(size_t *size)
{
    return tell(size, fake.distributor_size);
}

hv_return_t hv_gic_get_distributor_base_alignment(size_t *alignment)
{
    return tell(alignment, fake.alignment);
}

hv_return_t hv_gic_get_redistributor_size(size_t *size)
{
    return tell(size, fake.redistributor_size);
}

hv_return_t hv_gic_get_redistributor_base_alignment(size_t *alignment)
{
    return tell(alignment, fake.alignment);
}

hv_return_t hv_gic_get_msi_region_size(size_t *size)
{
    return tell(size, fake.frame_size);
}

hv_return_t hv_gic_get_msi_region_base_alignment(size_t *alignment)
{
    return tell(alignment, fake.alignment);
}

hv_return_t hv_gic_get_spi_interrupt_range(uint32_t *first, uint32_t *count)
{
    require_15();
    *first = fake.first_spi;
    *count = fake.spis;
    return fake_call(HV_SUCCESS);
}

hv_return_t hv_gic_set_spi(uint32_t intid, bool level)
{
    bool line = fake.gic && intid >= fake.first_spi && intid < fake.first_message;
    hv_return_t result = fake_call(line ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        fake.spi[intid] = level;
    return result;
}

hv_return_t hv_gic_send_msi(hv_ipa_t address, uint32_t intid)
{
    bool message = fake.gic && intid >= fake.first_message && intid < fake.first_message + fake.messages;
    hv_return_t result = fake_call(message ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS) {
        fake.sent_to = address;
        fake.sent_message = intid;
    }
    return result;
}

hv_gic_state_t hv_gic_state_create(void)
{
    require_15();
    return fake_object();
}

hv_return_t hv_gic_state_get_size(hv_gic_state_t state, size_t *size)
{
    assert_non_null(state);
    return tell(size, FAKE_GIC_STATE);
}

hv_return_t hv_gic_state_get_data(hv_gic_state_t state, void *data)
{
    assert_non_null(state);
    hv_return_t result = fake_call(HV_SUCCESS);
    if (result == HV_SUCCESS)
        memcpy(data, fake.gic_state, FAKE_GIC_STATE);
    return result;
}

hv_return_t hv_gic_set_state(const void *data, size_t size)
{
    require_15();
    hv_return_t result = fake_call(fake.gic && size == FAKE_GIC_STATE ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        memcpy(fake.gic_state, data, FAKE_GIC_STATE);
    return result;
}
