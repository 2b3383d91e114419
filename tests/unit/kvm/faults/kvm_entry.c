/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The product's vcpu.c, but it enters by ioctl(2), through the seam: the genuine entry is a bare instruction. */
#include "linux/kvm_backend.h"

#include <errno.h>
#include <sys/ioctl.h>

static int enter_by_ioctl(int fd)
{
    return ioctl(fd, KVM_RUN, 0ul) < 0 ? -errno : 0;
}

#define abx_kvm_arch_enter enter_by_ioctl
#include "linux/vcpu.c"
