/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A system call of KVM's that must not fail. */
#ifndef ABX_BENCH_CALL_H
#define ABX_BENCH_CALL_H

#include <err.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

static inline int call(int fd, unsigned long request, unsigned long argument, const char *name)
{
    int result = ioctl(fd, request, argument);
    if (result < 0)
        err(1, "%s", name);
    return result;
}

#define CALL(fd, request, argument) call(fd, request, (unsigned long)(argument), #request)

#endif
