/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"
#include "register_access.h"
#include "register_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Batches up to here need no allocation. */
enum { SMALL_BATCH = 64 };

/* In the order of writing. */
static const uint32_t classes[] = { ABX_ARM64_CLASS_CORE, ABX_ARM64_CLASS_FP, ABX_ARM64_CLASS_SYSREG,
                                    ABX_ARM64_CLASS_SVE };
enum { CLASS_COUNT = sizeof(classes) / sizeof(classes[0]) };

/* Exits bring no copies along. */
abx_status abx_kvm_settle_registers(abx_kvm_vcpu *vcpu)
{
    (void)vcpu;
    return ABX_OK;
}

static abx_status check_names(const abx_kvm_vcpu *vcpu, const abx_reg *names, size_t count)
{
    abx_register_place place;
    for (size_t i = 0; i < count; i++) {
        if (!abx_arm64_register_place(names[i], vcpu->arch.sve, &place))
            return abx_fail(ABX_ERR_NOT_FOUND, 0, "ARM64 has no register of this name", "look up register %#" PRIx64,
                            names[i]);
    }
    return ABX_OK;
}

/* KVM says ENOENT, and EINVAL to reading a core register, for what this vCPU does not have. */
static abx_status failed(int result, bool writing, abx_reg name)
{
    const char *verb = writing ? "write" : "read";
    if (result == -ENOENT || (result == -EINVAL && !writing))
        return abx_fail(ABX_ERR_NOT_FOUND, -result, "this host, or a vCPU of this configuration, does not have it",
                        "%s register %#" PRIx64, verb, name);
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_RANGE, EINVAL, "the register does not take this value", "%s register %#" PRIx64, verb,
                        name);
    return abx_kvm_check(result, "%s register %#" PRIx64, verb, name);
}

static int read_one(const abx_kvm_vcpu *vcpu, abx_reg name, uint64_t *value)
{
    uint8_t whole[ABX_REGISTER_MOST];
    abx_register_place place = { 0 };
    abx_arm64_register_place(name, vcpu->arch.sve, &place);
    int result = abx_register_get(vcpu->fd, place.id, whole);
    if (result < 0)
        return result;
    *value = 0;
    memcpy(value, whole + place.offset, place.width);
    return 0;
}

static int write_one(const abx_kvm_vcpu *vcpu, abx_reg name, uint64_t value)
{
    uint8_t whole[ABX_REGISTER_MOST];
    abx_register_place place = { 0 };
    abx_arm64_register_place(name, vcpu->arch.sve, &place);
    if (place.width < sizeof(value) && value >> (place.width * 8) != 0)
        return -EINVAL;
    if (KVM_REG_SIZE(place.id) > place.width) {
        int result = abx_register_get(vcpu->fd, place.id, whole);
        if (result < 0)
            return result;
    }
    memcpy(whole + place.offset, &value, place.width);
    return abx_register_set(vcpu->fd, place.id, whole);
}

static abx_status no_memory(size_t count)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold %zu registers", count);
}

abx_status abx_kvm_vcpu_read_registers(void *object, const abx_reg *names, uint64_t *values, size_t count)
{
    const abx_kvm_vcpu *vcpu = object;
    abx_status status = check_names(vcpu, names, count);
    if (status != ABX_OK)
        return status;
    /* Values of some must not come out if another one fails. */
    uint64_t small[SMALL_BATCH];
    uint64_t *read = count <= SMALL_BATCH ? small : calloc(count, sizeof(*read));
    if (!read)
        return no_memory(count);
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        int result = read_one(vcpu, names[i], &read[i]);
        if (result < 0)
            status = failed(result, false, names[i]);
    }
    if (status == ABX_OK && count > 0)
        memcpy(values, read, count * sizeof(*values));
    if (read != small)
        free(read);
    return status;
}

/* Puts the values before back in the opposite order. What a register has been it can be. */
static void undo(const abx_kvm_vcpu *vcpu, uint32_t class, const abx_reg *names, const uint64_t *before, size_t count)
{
    while (count-- > 0) {
        if (ABX_REG_CLASS(names[count]) == class)
            write_one(vcpu, names[count], before[count]);
    }
}

/* All of a class or none. `before` has room for `count`. */
static abx_status write_class(const abx_kvm_vcpu *vcpu, uint32_t class, const abx_reg *names, const uint64_t *values,
                              uint64_t *before, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) != class)
            continue;
        int result = read_one(vcpu, names[i], &before[i]);
        if (result >= 0)
            result = write_one(vcpu, names[i], values[i]);
        if (result < 0) {
            undo(vcpu, class, names, before, i);
            return failed(result, true, names[i]);
        }
    }
    return ABX_OK;
}

abx_status abx_kvm_vcpu_write_registers(void *object, const abx_reg *names, const uint64_t *values, size_t count)
{
    const abx_kvm_vcpu *vcpu = object;
    abx_status status = check_names(vcpu, names, count);
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
