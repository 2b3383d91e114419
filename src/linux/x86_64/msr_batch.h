/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Any number of MSRs by KVM_GET_MSRS or KVM_SET_MSRS, which take a limited number at once. */
#ifndef ABX_SRC_LINUX_X86_64_MSR_BATCH_H
#define ABX_SRC_LINUX_X86_64_MSR_BATCH_H

#include "linux/kvm_backend.h"

/*
 * Reads or writes `entries` in their order with `request`. KVM stops at the first MSR that it does not know, or whose
 * value it refuses: `*done` gets how many went well. Errors, with *done set all the same: ABX_ERR_SYSTEM and others,
 * as abx_kvm_check().
 */
abx_status abx_msr_batch(int fd, unsigned long request, struct kvm_msr_entry *entries, size_t count, size_t *done);

/*
 * Reads those of `entries` that KVM knows and can read, moved to the front in their order; `*known` gets their number.
 * Errors: as above.
 */
abx_status abx_msr_read_known(int fd, struct kvm_msr_entry *entries, size_t count, size_t *known);

#endif
