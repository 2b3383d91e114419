/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The one function of this header that the library uses; the test has it. */
#ifndef TESTS_DARWIN_SYS_SYSCTL_H
#define TESTS_DARWIN_SYS_SYSCTL_H

#include <stddef.h>

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size);

#endif
