/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the tests of the qemu backend share. */
#ifndef TESTS_QEMU_TEST_H
#define TESTS_QEMU_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <arcbox/error.h>

#include <stdio.h>
#include <sys/types.h>

/* For meson: the test cannot run here. */
#define SKIPPED 77

/* How long anything in these tests may take, on the busiest of machines. */
#define PATIENCE_MS 60000

/* Prints the record of a call that failed against expectation. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        abx_status status_ = (call);                                                                                   \
        if (status_ != ABX_OK)                                                                                         \
            fail_msg("%s: %s (%s)", #call, abx_status_name(status_), abx_last_error()->message);                       \
    } while (0)

#define assert_status(call, expected) assert_string_equal(abx_status_name(call), abx_status_name(expected))

/* What this process holds. */
size_t count_descriptors(void);
size_t count_threads(void);

/* Asserts that there are no more than `count` threads. One that has been joined may take a moment to vanish. */
void assert_threads(size_t count);

/* Asserts that there is no child, running or zombie. */
void assert_no_children(void);

/* The first child of process `parent`; 0 when there is none. */
pid_t find_child(pid_t parent);

/* Waits until process `pid`, which need not be ours, has ended. False when it has not in time. */
bool wait_until_gone(pid_t pid);

/* Waits until `fd` is readable. False when it is not in time. */
bool wait_until_readable(int fd);

#endif
