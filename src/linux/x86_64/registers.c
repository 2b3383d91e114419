/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_class.h"
#include "register_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Batches up to here need no allocation. */
enum { SMALL_BATCH = 64 };

typedef struct class_access {
    abx_status (*read)(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
    abx_status (*write)(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
} class_access;

/* In the order of writing. */
static const class_access classes[] = {
    [ABX_X86_CLASS_GPR] = { abx_x86_read_general, abx_x86_write_general },
    [ABX_X86_CLASS_SYSTEM] = { abx_x86_read_system, abx_x86_write_system },
    [ABX_X86_CLASS_DEBUG] = { abx_x86_read_debug, abx_x86_write_debug },
    [ABX_X86_CLASS_XCR] = { abx_x86_read_xcr, abx_x86_write_xcr },
    [ABX_X86_CLASS_MSR] = { abx_x86_read_msrs, abx_x86_write_msrs },
};
enum { CLASS_COUNT = sizeof(classes) / sizeof(classes[0]) };

/* Which classes the names are of: bit n for class n. */
static abx_status find_classes(const abx_reg *names, size_t count, uint32_t *found)
{
    uint32_t set = 0;
    for (size_t i = 0; i < count; i++) {
        if (!abx_x86_register_known(names[i]))
            return abx_fail(ABX_ERR_NOT_FOUND, 0, "x86_64 has no register of this name", "look up register %#" PRIx64,
                            names[i]);
        set |= 1u << ABX_REG_CLASS(names[i]);
    }
    *found = set;
    return ABX_OK;
}

abx_status abx_kvm_vcpu_read_registers(void *object, const abx_reg *names, uint64_t *values, size_t count)
{
    uint32_t found = 0;
    abx_status status = find_classes(names, count, &found);
    if (status != ABX_OK)
        return status;
    /* Values of one class must not come out if another class fails. */
    uint64_t small[SMALL_BATCH];
    uint64_t *read = count <= SMALL_BATCH ? small : calloc(count, sizeof(*read));
    if (!read)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "read %zu registers", count);
    for (uint32_t class = 0; class < CLASS_COUNT && status == ABX_OK; class ++) {
        if (found & 1u << class)
            status = classes[class].read(object, names, read, count);
    }
    if (status == ABX_OK && count > 0)
        memcpy(values, read, count * sizeof(*values));
    if (read != small)
        free(read);
    return status;
}

abx_status abx_kvm_vcpu_write_registers(void *object, const abx_reg *names, const uint64_t *values, size_t count)
{
    uint32_t found = 0;
    abx_status status = find_classes(names, count, &found);
    for (uint32_t class = 0; class < CLASS_COUNT && status == ABX_OK; class ++) {
        if (found & 1u << class)
            status = classes[class].write(object, names, values, count);
    }
    return status;
}
