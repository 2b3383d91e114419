/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_map.h"
#include "sysreg.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Batches up to here need no allocation. */
enum { SMALL_BATCH = 64 };

/* In the order of writing. */
static const uint32_t classes[] = { ABX_ARM64_CLASS_CORE, ABX_ARM64_CLASS_FP, ABX_ARM64_CLASS_SYSREG };
enum { CLASS_COUNT = sizeof(classes) / sizeof(classes[0]) };

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

static abx_status failed(hv_return_t result, bool writing, abx_reg name)
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

static hv_return_t read_one(abx_hvf_vcpu *vcpu, abx_reg name, uint64_t *value)
{
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

static hv_return_t write_one(abx_hvf_vcpu *vcpu, abx_reg name, uint64_t value)
{
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

static abx_status no_memory(size_t count)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold %zu registers", count);
}

abx_status abx_hvf_vcpu_read_registers(void *object, const abx_reg *names, uint64_t *values, size_t count)
{
    abx_hvf_vcpu *vcpu = object;
    abx_status status = check_names(names, count);
    if (status != ABX_OK)
        return status;
    /* Values of some must not come out if another one fails. */
    uint64_t small[SMALL_BATCH];
    uint64_t *read = count <= SMALL_BATCH ? small : calloc(count, sizeof(*read));
    if (!read)
        return no_memory(count);
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        hv_return_t result = read_one(vcpu, names[i], &read[i]);
        if (result != HV_SUCCESS)
            status = failed(result, false, names[i]);
    }
    if (status == ABX_OK && count > 0)
        memcpy(values, read, count * sizeof(*values));
    if (read != small)
        free(read);
    return status;
}

/* Puts the values before back in the opposite order. What a register has been it can be. */
static void undo(abx_hvf_vcpu *vcpu, uint32_t class, const abx_reg *names, const uint64_t *before, size_t count)
{
    while (count-- > 0) {
        if (ABX_REG_CLASS(names[count]) == class)
            (void)write_one(vcpu, names[count], before[count]);
    }
}

/* All of a class or none. `before` has room for `count`. */
static abx_status write_class(abx_hvf_vcpu *vcpu, uint32_t class, const abx_reg *names, const uint64_t *values,
                              uint64_t *before, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) != class)
            continue;
        hv_return_t result = read_one(vcpu, names[i], &before[i]);
        if (result == HV_SUCCESS)
            result = write_one(vcpu, names[i], values[i]);
        if (result != HV_SUCCESS) {
            undo(vcpu, class, names, before, i);
            return failed(result, true, names[i]);
        }
    }
    return ABX_OK;
}

abx_status abx_hvf_vcpu_write_registers(void *object, const abx_reg *names, const uint64_t *values, size_t count)
{
    abx_hvf_vcpu *vcpu = object;
    abx_status status = check_names(names, count);
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        if (!fits(names[i], values[i]))
            status = abx_fail(ABX_ERR_RANGE, 0, "The register has 32 bits.", "write register %#" PRIx64, names[i]);
    }
    if (status != ABX_OK)
        return status;
    uint64_t small[SMALL_BATCH];
    uint64_t *before = count <= SMALL_BATCH ? small : calloc(count, sizeof(*before));
    if (!before)
        return no_memory(count);
    for (size_t i = 0; i < CLASS_COUNT && status == ABX_OK; i++)
        status = write_class(vcpu, classes[i], names, values, before, count);
    if (before != small)
        free(before);
    return status;
}
