/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers that a backend reads and writes one at a time, as a whole batch or not at all. */
#ifndef ABX_SRC_REGISTER_BATCH_H
#define ABX_SRC_REGISTER_BATCH_H

#include <arcbox/error.h>
#include <arcbox/registers.h>

/* How a backend does it. Results below zero are failures, which `failed` puts into words. */
typedef struct abx_register_access {
    int (*read)(void *vcpu, abx_reg name, uint64_t *value);
    int (*write)(void *vcpu, abx_reg name, uint64_t value);
    abx_status (*failed)(int result, bool writing, abx_reg name);
    const uint32_t *classes; /* in the order of writing */
    size_t class_count;
} abx_register_access;

/* `names` are such as `access` knows. Errors: ABX_ERR_NO_MEMORY, and those of `failed`; `values` is untouched then. */
abx_status abx_register_batch_read(const abx_register_access *access, void *vcpu, const abx_reg *names,
                                   uint64_t *values, size_t count);

/* Likewise, class by class: when one of a class fails, those of it that were written get the values from before. */
abx_status abx_register_batch_write(const abx_register_access *access, void *vcpu, const abx_reg *names,
                                    const uint64_t *values, size_t count);

#endif
