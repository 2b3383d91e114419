/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* hv_gic_…: the framework's functions. */
#include "gic_controller.h"
#include "turn.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SPI = 32, REGION_ALIGNMENT = 0x10000 };

struct gic_state gic;

struct hv_gic_config_s {
    hv_ipa_t distributor, redistributors;
};

struct hv_gic_state_s {
    void *data;
    size_t size;
};

bool gic_exists(void)
{
    return gic.controller != NULL;
}

static void wake(void *machine, uint32_t cpu)
{
    (void)machine;
    model_wake(cpu);
}

void gic_destroy(void)
{
    abx_gicv3_free(gic.controller);
    abx_bus_clear(&gic.bus);
    free(gic.initial);
    gic = (struct gic_state){ 0 };
}

hv_gic_config_t hv_gic_config_create(void)
{
    model_since(__func__, 15, 0);
    return model_object(__func__, sizeof(struct hv_gic_config_s));
}

static hv_return_t set_base(hv_ipa_t *where, hv_ipa_t base)
{
    if (base % REGION_ALIGNMENT)
        return HV_BAD_ARGUMENT;
    *where = base;
    return HV_SUCCESS;
}

hv_return_t hv_gic_config_set_distributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    hv_return_t status;
    model_since(__func__, 15, 0);
    return model_fails(__func__, &status) ? status : set_base(&config->distributor, base);
}

hv_return_t hv_gic_config_set_redistributor_base(hv_gic_config_t config, hv_ipa_t base)
{
    hv_return_t status;
    model_since(__func__, 15, 0);
    return model_fails(__func__, &status) ? status : set_base(&config->redistributors, base);
}

hv_return_t hv_gic_config_set_msi_region_base(hv_gic_config_t config, hv_ipa_t base)
{
    (void)config, (void)base;
    model_since(__func__, 15, 0);
    return HV_UNSUPPORTED;
}

hv_return_t hv_gic_config_set_msi_interrupt_range(hv_gic_config_t config, uint32_t first, uint32_t count)
{
    (void)config, (void)first, (void)count;
    model_since(__func__, 15, 0);
    return HV_UNSUPPORTED;
}

static void make(void)
{
    if (abx_gicv3_new(&gic.controller, MODEL_VCPUS, wake, NULL) != ABX_OK ||
        abx_gicv3_attach(gic.controller, &gic.bus) != ABX_OK)
        model_broken("hv_gic_create", "out of memory");
    (void)!abx_gicv3_save(gic.controller, NULL, 0, &gic.size);
    gic.initial = malloc(gic.size);
    if (!gic.initial || abx_gicv3_save(gic.controller, gic.initial, gic.size, &gic.size) != ABX_OK)
        model_broken("hv_gic_create", "out of memory");
}

static hv_return_t create(const struct hv_gic_config_s *config)
{
    hv_return_t status;
    if (model_fails("hv_gic_create", &status))
        return status;
    if (!model.exists)
        return HV_NO_DEVICE;
    if (gic_exists())
        return HV_BUSY;
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        if (model.vcpus[i])
            model_broken("hv_gic_create", "there are vCPUs already");
    }
    if (config->distributor != ABX_ARM64_GIC_DISTRIBUTOR || config->redistributors != ABX_ARM64_GIC_REDISTRIBUTORS)
        return HV_BAD_ARGUMENT; /* the stand-in has it nowhere else */
    make();
    return HV_SUCCESS;
}

hv_return_t hv_gic_create(hv_gic_config_t config)
{
    model_since(__func__, 15, 0);
    turn_take();
    hv_return_t status = create(config);
    turn_give();
    return status;
}

hv_return_t hv_gic_reset(void)
{
    model_since(__func__, 15, 0);
    turn_take();
    hv_return_t status = gic_exists() ? HV_SUCCESS : HV_NO_DEVICE;
    if (status == HV_SUCCESS && abx_gicv3_restore(gic.controller, gic.initial, gic.size) != ABX_OK)
        model_broken(__func__, "the controller does not take its own state");
    turn_give();
    return status;
}

#define QUERY(name, type, result)                                                                                      \
    hv_return_t name(type *value)                                                                                      \
    {                                                                                                                  \
        hv_return_t status;                                                                                            \
        model_since(__func__, 15, 0);                                                                                  \
        if (model_fails(__func__, &status))                                                                            \
            return status;                                                                                             \
        *value = result;                                                                                               \
        return HV_SUCCESS;                                                                                             \
    }

QUERY(hv_gic_get_distributor_size, size_t, GIC_DISTRIBUTOR_SIZE)
QUERY(hv_gic_get_distributor_base_alignment, size_t, REGION_ALIGNMENT)
QUERY(hv_gic_get_redistributor_region_size, size_t, GIC_REDISTRIBUTORS_SIZE)
QUERY(hv_gic_get_redistributor_size, size_t, ABX_ARM64_GIC_REDISTRIBUTOR)
QUERY(hv_gic_get_redistributor_base_alignment, size_t, REGION_ALIGNMENT)
QUERY(hv_gic_get_msi_region_size, size_t, REGION_ALIGNMENT)
QUERY(hv_gic_get_msi_region_base_alignment, size_t, REGION_ALIGNMENT)

hv_return_t hv_gic_get_spi_interrupt_range(uint32_t *first, uint32_t *count)
{
    model_since(__func__, 15, 0);
    *first = FIRST_SPI;
    *count = ABX_GICV3_SPIS;
    return HV_SUCCESS;
}

hv_return_t hv_gic_get_redistributor_base(hv_vcpu_t id, hv_ipa_t *base)
{
    model_since(__func__, 15, 0);
    const model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = gic_exists() ? HV_SUCCESS : HV_UNSUPPORTED;
    if (status == HV_SUCCESS)
        *base = ABX_ARM64_GIC_REDISTRIBUTORS + (vcpu->mpidr & 0xf) * ABX_ARM64_GIC_REDISTRIBUTOR;
    turn_give();
    return status;
}

/* Needs no turn: the controller has its own lock. */
hv_return_t hv_gic_set_spi(uint32_t intid, bool level)
{
    hv_return_t status;
    model_since(__func__, 15, 0);
    if (model_fails(__func__, &status))
        return status;
    if (!gic_exists())
        return HV_NO_DEVICE;
    if (intid < FIRST_SPI || intid >= FIRST_SPI + ABX_GICV3_SPIS)
        return HV_BAD_ARGUMENT;
    abx_gicv3_set_spi(gic.controller, intid - FIRST_SPI, level);
    return HV_SUCCESS;
}

hv_return_t hv_gic_send_msi(hv_ipa_t address, uint32_t intid)
{
    (void)address, (void)intid;
    model_since(__func__, 15, 0);
    return HV_UNSUPPORTED;
}

hv_gic_state_t hv_gic_state_create(void)
{
    model_since(__func__, 15, 0);
    if (!gic_exists())
        return NULL;
    size_t size = gic.size;
    /* The bytes are behind the object. */
    hv_gic_state_t state = model_object(__func__, sizeof(*state) + size);
    state->data = state + 1;
    state->size = size;
    if (abx_gicv3_save(gic.controller, state->data, size, &size) != ABX_OK)
        model_broken(__func__, "the controller does not save its state");
    return state;
}

hv_return_t hv_gic_state_get_size(hv_gic_state_t state, size_t *size)
{
    model_since(__func__, 15, 0);
    *size = state->size;
    return HV_SUCCESS;
}

hv_return_t hv_gic_state_get_data(hv_gic_state_t state, void *data)
{
    hv_return_t status;
    model_since(__func__, 15, 0);
    if (model_fails(__func__, &status))
        return status;
    memcpy(data, state->data, state->size);
    return HV_SUCCESS;
}

hv_return_t hv_gic_set_state(const void *data, size_t size)
{
    model_since(__func__, 15, 0);
    if (!gic_exists())
        return HV_NO_DEVICE;
    return abx_gicv3_restore(gic.controller, data, size) == ABX_OK ? HV_SUCCESS : HV_BAD_ARGUMENT;
}

static hv_return_t icc(const char *function, hv_vcpu_t id, hv_gic_icc_reg_t reg, bool write, uint64_t *value)
{
    hv_return_t status = HV_SUCCESS;
    const model_vcpu *vcpu = model_enter(function, id);
    if (!model_fails(function, &status) && !gic_register_access(vcpu, reg, write, value))
        status = HV_BAD_ARGUMENT;
    turn_give();
    return status;
}

hv_return_t hv_gic_get_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t *value)
{
    model_since(__func__, 15, 0);
    return icc(__func__, id, reg, false, value);
}

hv_return_t hv_gic_set_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t value)
{
    model_since(__func__, 15, 0);
    return icc(__func__, id, reg, true, &value);
}
