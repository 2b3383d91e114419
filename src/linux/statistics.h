/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The descriptors of vCPUs' statistics, by which any thread can read them. */
#ifndef ABX_SRC_LINUX_STATISTICS_H
#define ABX_SRC_LINUX_STATISTICS_H

#include <pthread.h>
#include <stdint.h>

typedef struct abx_kvm_statistics {
    pthread_mutex_t lock;
    int *vcpus; /* by number, -1: not shared; NULL: none has been */
} abx_kvm_statistics;

void abx_kvm_statistics_init(abx_kvm_statistics *statistics);
void abx_kvm_statistics_end(abx_kvm_statistics *statistics);

/* vCPU `id` goes. */
void abx_kvm_statistics_forget(abx_kvm_statistics *statistics, uint32_t id);

#endif
