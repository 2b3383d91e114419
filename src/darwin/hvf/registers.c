/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_batch.h"
#include "register_map.h"
#include "sysreg.h"

#include <inttypes.h>
#include <string.h>

/* In the order of writing. */
static const uint32_t classes[] = { ABX_ARM64_CLASS_CORE, ABX_ARM64_CLASS_FP, ABX_ARM64_CLASS_SYSREG };

static abx_status check_names(const abx_reg *names, size_t count)
{
    abx_place place;
    for (size_t i = 0; i < count; i++) {
        if (!abx_register_place(names[i], &place))
            return abx_fail(ABX_ERR_NOT_FOUND, 0, "Hypervisor.framework has no register of this name.",
                            "look up register %#" PRIx64, names[i]);
    }
    return ABX_OK;
}

/* The framework's results are negative as well. */
static abx_status failed(int result, bool writing, abx_reg name)
{
    const char *verb = writing ? "write" : "read";
    if (result == HV_BAD_ARGUMENT || result == HV_UNSUPPORTED)
        return abx_fail(ABX_ERR_NOT_FOUND, 0, "This host's Hypervisor.framework does not have it.",
                        "%s register %#" PRIx64, verb, name);
    return abx_hv_check(result, "%s register %#" PRIx64, verb, name);
}

static hv_return_t read_vector(const abx_hvf_vcpu *vcpu, const abx_place *place, uint64_t halves[2])
{
    hv_simd_fp_uchar16_t vector;
    hv_return_t result = hv_vcpu_get_simd_fp_reg(vcpu->id, place->number, &vector);
    if (result == HV_SUCCESS)
        memcpy(halves, &vector, sizeof(vector));
    return result;
}

static hv_return_t read_general(const abx_hvf_vcpu *vcpu, uint32_t number, uint64_t *value)
{
    hv_return_t result = hv_vcpu_get_reg(vcpu->id, number, value);
    if (result == HV_SUCCESS && number == HV_REG_CPSR && vcpu->debug.single_step)
        *value &= ~ABX_DEBUG_PSTATE_SS; /* the debugger's */
    return result;
}

static int read_one(void *object, abx_reg name, uint64_t *value)
{
    abx_hvf_vcpu *vcpu = object;
    abx_place place = { 0 };
    uint64_t halves[2];
    hv_return_t result;
    abx_register_place(name, &place);
    switch (place.kind) {
    case ABX_PLACE_VECTOR:
        result = read_vector(vcpu, &place, halves);
        if (result == HV_SUCCESS)
            *value = halves[place.upper];
        return result;
    case ABX_PLACE_SYSREG:
        return abx_hvf_sysreg_get(vcpu, place.number, value);
    case ABX_PLACE_GENERAL:
        break;
    }
    return read_general(vcpu, place.number, value);
}

static hv_return_t write_vector(const abx_hvf_vcpu *vcpu, const abx_place *place, uint64_t value)
{
    uint64_t halves[2];
    hv_return_t result = read_vector(vcpu, place, halves);
    if (result != HV_SUCCESS)
        return result;
    hv_simd_fp_uchar16_t vector;
    halves[place->upper] = value;
    memcpy(&vector, halves, sizeof(vector));
    return hv_vcpu_set_simd_fp_reg(vcpu->id, place->number, vector);
}

static int write_one(void *object, abx_reg name, uint64_t value)
{
    abx_hvf_vcpu *vcpu = object;
    abx_place place = { 0 };
    abx_register_place(name, &place);
    switch (place.kind) {
    case ABX_PLACE_VECTOR:
        return write_vector(vcpu, &place, value);
    case ABX_PLACE_SYSREG:
        return abx_hvf_sysreg_set(vcpu, place.number, value);
    case ABX_PLACE_GENERAL:
        break;
    }
    return hv_vcpu_set_reg(vcpu->id, place.number, value);
}

static bool fits(abx_reg name, uint64_t value)
{
    abx_place place = { 0 };
    abx_register_place(name, &place);
    return !place.narrow || value <= UINT32_MAX;
}

static const abx_register_access registers = {
    .read = read_one,
    .write = write_one,
    .failed = failed,
    .classes = classes,
    .class_count = sizeof(classes) / sizeof(classes[0]),
};

abx_status abx_hvf_vcpu_read_registers(void *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    abx_status status = check_names(names, count);
    return status == ABX_OK ? abx_register_batch_read(&registers, vcpu, names, values, count) : status;
}

abx_status abx_hvf_vcpu_write_registers(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    abx_status status = check_names(names, count);
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        if (!fits(names[i], values[i]))
            status = abx_fail(ABX_ERR_RANGE, 0, "The register has 32 bits.", "write register %#" PRIx64, names[i]);
    }
    return status == ABX_OK ? abx_register_batch_write(&registers, vcpu, names, values, count) : status;
}
