/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A seam under the allocations and system calls of a manual VM's life: the linker leads them here (--wrap), and the
 * N-th one fails. ioctl(2) goes on to the fake kernel. What was taken and not given back is counted. Calls that give
 * back never fail.
 */
#ifndef TESTS_KVM_SEAM_H
#define TESTS_KVM_SEAM_H

#include <stdbool.h>

/* A call of the seam. */
typedef struct kvm_seam_call {
    const char *name;      /* NULL: none */
    unsigned long request; /* of an ioctl */
} kvm_seam_call;

/* From now on call number `n` fails, the first one being 1; 0: none. */
void kvm_seam_fail(unsigned n);

/* The call that has failed since. */
kvm_seam_call kvm_seam_failed(void);

/* Blocks of memory and semaphores that are out, and bytes of mappings. */
long kvm_seam_blocks(void);
long kvm_seam_mapped(void);

/* ioctl(2) as the fake kernel answers it: a result, or -1 and errno. What it does for that is not counted. */
int kvm_kernel_ioctl(int fd, unsigned long request, unsigned long value);

#endif
