/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "msr_batch.h"

#include <string.h>

/* MSRs for one system call; the kernel takes fewer than 256 (MAX_IO_MSRS, a constant of its own). */
enum { CHUNK = 64 };

typedef union chunk {
    struct kvm_msrs kvm;
    unsigned char room[sizeof(struct kvm_msrs) + CHUNK * sizeof(struct kvm_msr_entry)];
} chunk;

abx_status abx_msr_batch(int fd, unsigned long request, struct kvm_msr_entry *entries, size_t count, size_t *done)
{
    chunk batch;
    *done = 0;
    while (*done < count) {
        size_t wanted = count - *done < CHUNK ? count - *done : CHUNK;
        batch.kvm.nmsrs = (uint32_t)wanted;
        batch.kvm.pad = 0;
        memcpy(batch.kvm.entries, entries + *done, wanted * sizeof(*entries));
        int result = abx_kvm_ioctl(fd, request, &batch);
        if (result < 0)
            return abx_kvm_check(result, "%s MSRs", request == KVM_GET_MSRS ? "get" : "set");
        size_t got = (size_t)result < wanted ? (size_t)result : wanted;
        memcpy(entries + *done, batch.kvm.entries, got * sizeof(*entries));
        *done += got;
        if (got < wanted)
            break;
    }
    return ABX_OK;
}

abx_status abx_msr_read_known(int fd, struct kvm_msr_entry *entries, size_t count, size_t *known)
{
    size_t kept = 0;
    for (size_t next = 0; next < count;) {
        size_t done;
        abx_status status = abx_msr_batch(fd, KVM_GET_MSRS, entries + next, count - next, &done);
        if (status != ABX_OK)
            return status;
        memmove(entries + kept, entries + next, done * sizeof(*entries));
        kept += done;
        next += done + 1;
    }
    *known = kept;
    return ABX_OK;
}
