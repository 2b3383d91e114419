/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "image.h"
#include "sysreg.h"

static hv_return_t fetch_registers(abx_hvf_image *image, abx_hvf_vcpu *vcpu)
{
    hv_return_t result = HV_SUCCESS;
    for (uint32_t i = 0; i < ABX_IMAGE_GENERAL && result == HV_SUCCESS; i++)
        result = hv_vcpu_get_reg(vcpu->id, i, &image->general[i]);
    if (vcpu->debug.single_step)
        image->general[HV_REG_CPSR] &= ~ABX_DEBUG_PSTATE_SS;
    for (uint32_t i = 0; i < ABX_IMAGE_VECTORS && result == HV_SUCCESS; i++)
        result = hv_vcpu_get_simd_fp_reg(vcpu->id, i, &image->vectors[i]);
    image->sysregs = vcpu->sysregs;
    for (size_t i = 0; i < image->sysregs.count && result == HV_SUCCESS; i++)
        result = abx_hvf_sysreg_get(vcpu, image->sysregs.numbers[i], &image->values[i]);
    return result;
}

abx_status abx_hvf_image_fetch(abx_hvf_image *image, abx_hvf_vcpu *vcpu)
{
    bool masked = false;
    hv_return_t result = fetch_registers(image, vcpu);
    if (result == HV_SUCCESS)
        result = hv_vcpu_get_vtimer_mask(vcpu->id, &masked);
    image->rest = (abx_image_rest){
        .count = abx_hvf_clock_count(&vcpu->vm->clock),
        .serror_syndrome = vcpu->serror_syndrome,
        .mp_state = (uint32_t)vcpu->mp_state,
        .timer_masked = masked,
        .serror = vcpu->serror,
        .serror_has_syndrome = vcpu->serror_has_syndrome,
    };
    return abx_hv_check(result, "fetch the state of vCPU %u", vcpu->number);
}

/* A register that cannot be written is no trouble as long as it has the value that it shall have. */
static hv_return_t store_sysreg(abx_hvf_vcpu *vcpu, uint32_t number, uint64_t value)
{
    hv_return_t result = abx_hvf_sysreg_set(vcpu, number, value);
    uint64_t present;
    if (result != HV_SUCCESS && abx_hvf_sysreg_get(vcpu, number, &present) == HV_SUCCESS && present == value)
        return HV_SUCCESS;
    return result;
}

static hv_return_t store_registers(const abx_hvf_image *image, abx_hvf_vcpu *vcpu)
{
    hv_return_t result = HV_SUCCESS;
    for (uint32_t i = 0; i < ABX_IMAGE_GENERAL && result == HV_SUCCESS; i++)
        result = hv_vcpu_set_reg(vcpu->id, i, image->general[i]);
    for (uint32_t i = 0; i < ABX_IMAGE_VECTORS && result == HV_SUCCESS; i++)
        result = hv_vcpu_set_simd_fp_reg(vcpu->id, i, image->vectors[i]);
    for (size_t i = 0; i < image->sysregs.count && result == HV_SUCCESS; i++) {
        if (!abx_sysreg_is_identity(image->sysregs.numbers[i]))
            result = store_sysreg(vcpu, image->sysregs.numbers[i], image->values[i]);
    }
    return result;
}

abx_status abx_hvf_image_store(const abx_hvf_image *image, abx_hvf_vcpu *vcpu)
{
    hv_return_t result = store_registers(image, vcpu);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_vtimer_mask(vcpu->id, image->rest.timer_masked);
    if (result != HV_SUCCESS)
        return abx_hv_check(result, "store the state of vCPU %u", vcpu->number);
    vcpu->serror = image->rest.serror;
    vcpu->serror_has_syndrome = image->rest.serror_has_syndrome;
    vcpu->serror_syndrome = image->rest.serror_syndrome;
    vcpu->mp_state = (abx_mp_state)image->rest.mp_state;
    vcpu->pending = ABX_HVF_NOTHING;
    vcpu->fault.valid = false;
    vcpu->debug.stepped = false;
    return ABX_OK;
}
