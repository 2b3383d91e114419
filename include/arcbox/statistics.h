/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the host's kernel counts of a VM by itself. Needs ABX_CAP_BINARY_STATS. */
#ifndef ARCBOX_STATISTICS_H
#define ARCBOX_STATISTICS_H

#include <arcbox/vcpu.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef enum abx_statistic_kind {
    ABX_STATISTIC_COUNTER = 0,      /* only grows */
    ABX_STATISTIC_GAUGE,            /* as it is now */
    ABX_STATISTIC_PEAK,             /* the most there has been */
    ABX_STATISTIC_LINEAR_HISTOGRAM, /* value n: how often a sample was in [n × bucket_size, (n + 1) × bucket_size); the
                                       last bucket has no end */
    ABX_STATISTIC_LOG_HISTOGRAM,    /* value 0: of samples that are 0; n: in [2^(n - 1), 2^n); the last has no end */
} abx_statistic_kind;

/* One of them. It and all that it points to are valid during the visit. */
typedef struct abx_statistic {
    const char *name; /* the kernel's: "exits", "halt_poll_success_ns" … */
    abx_statistic_kind kind;
    uint32_t vcpu;        /* UINT32_MAX: of the whole VM */
    uint32_t bucket_size; /* of a linear histogram */
    size_t count;         /* of values: 1, or the number of buckets */
    const uint64_t *values;
} abx_statistic;

/* Sees a statistic. It must not call anything on this VM. */
typedef void (*abx_statistic_visitor)(void *payload, const abx_statistic *statistic);

/*
 * Shows the VM's statistics to `visitor`, and then those of the vCPUs that are shared: name by name, each for all of
 * these vCPUs in turn. They are read while the guest runs, each for itself. Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_FORMAT (the kernel's are not as it documents them), ABX_ERR_LIMIT,
 * ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vm_get_statistics(abx_vm *vm, abx_statistic_visitor visitor, void *payload) ABX_MUST_CHECK;

/*
 * Lets abx_vm_get_statistics() tell of this vCPU as well, until it is destroyed: costs a file descriptor. Calling it
 * again is fine. The vCPU's own thread. Errors: ABX_ERR_INVALID, ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_share_statistics(abx_vcpu *vcpu) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
