/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Eventfds that never block, as tests use them. Everything here asserts. */
#ifndef ABX_TESTS_EVENTFDS_H
#define ABX_TESTS_EVENTFDS_H

#include "harness.h"

#include <sys/eventfd.h>
#include <unistd.h>

static inline int new_eventfd(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

/* Adds one to its count. */
static inline void signal_eventfd(int fd)
{
    const uint64_t one = 1;
    assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

/* Its count, which is 0 from now on. */
static inline uint64_t drain_eventfd(int fd)
{
    uint64_t count = 0;
    return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

#endif
