/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"
#include "register_access.h"
#include "register_batch.h"
#include "register_map.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* In the order of writing. */
static const uint32_t classes[] = { ABX_ARM64_CLASS_CORE, ABX_ARM64_CLASS_FP, ABX_ARM64_CLASS_SYSREG,
                                    ABX_ARM64_CLASS_SVE };

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

static int read_one(void *object, abx_reg name, uint64_t *value)
{
    const abx_kvm_vcpu *vcpu = object;
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

static int write_one(void *object, abx_reg name, uint64_t value)
{
    const abx_kvm_vcpu *vcpu = object;
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

static const abx_register_access registers = {
    .read = read_one,
    .write = write_one,
    .failed = failed,
    .classes = classes,
    .class_count = sizeof(classes) / sizeof(classes[0]),
};

abx_status abx_kvm_vcpu_read_registers(void *object, const abx_reg *names, uint64_t *values, size_t count)
{
    abx_status status = check_names(object, names, count);
    return status == ABX_OK ? abx_register_batch_read(&registers, object, names, values, count) : status;
}

abx_status abx_kvm_vcpu_write_registers(void *object, const abx_reg *names, const uint64_t *values, size_t count)
{
    abx_status status = check_names(object, names, count);
    return status == ABX_OK ? abx_register_batch_write(&registers, object, names, values, count) : status;
}
