/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Batches up to here need no allocation. */
enum { SMALL_BATCH = 64 };

static abx_status no_memory(size_t count)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold %zu registers", count);
}

abx_status abx_register_batch_read(const abx_register_access *access, void *vcpu, const abx_reg *names,
                                   uint64_t *values, size_t count)
{
    /* Values of some must not come out if another one fails. */
    uint64_t small[SMALL_BATCH];
    uint64_t *read = count <= SMALL_BATCH ? small : calloc(count, sizeof(*read));
    if (!read)
        return no_memory(count);
    abx_status status = ABX_OK;
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        int result = access->read(vcpu, names[i], &read[i]);
        if (result < 0)
            status = access->failed(result, false, names[i]);
    }
    if (status == ABX_OK && count > 0)
        memcpy(values, read, count * sizeof(*values));
    if (read != small)
        free(read);
    return status;
}

/* Puts the values before back in the opposite order. What a register has been it can be. */
static void undo(const abx_register_access *access, void *vcpu, uint32_t class, const abx_reg *names,
                 const uint64_t *before, size_t count)
{
    while (count-- > 0) {
        if (ABX_REG_CLASS(names[count]) == class)
            (void)access->write(vcpu, names[count], before[count]);
    }
}

/* All of a class or none. `before` has room for `count`. */
static abx_status write_class(const abx_register_access *access, void *vcpu, uint32_t class, const abx_reg *names,
                              const uint64_t *values, uint64_t *before, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) != class)
            continue;
        int result = access->read(vcpu, names[i], &before[i]);
        if (result >= 0)
            result = access->write(vcpu, names[i], values[i]);
        if (result < 0) {
            undo(access, vcpu, class, names, before, i);
            return access->failed(result, true, names[i]);
        }
    }
    return ABX_OK;
}

abx_status abx_register_batch_write(const abx_register_access *access, void *vcpu, const abx_reg *names,
                                    const uint64_t *values, size_t count)
{
    uint64_t small[SMALL_BATCH];
    uint64_t *before = count <= SMALL_BATCH ? small : calloc(count, sizeof(*before));
    if (!before)
        return no_memory(count);
    abx_status status = ABX_OK;
    for (size_t i = 0; i < access->class_count && status == ABX_OK; i++)
        status = write_class(access, vcpu, access->classes[i], names, values, before, count);
    if (before != small)
        free(before);
    return status;
}
