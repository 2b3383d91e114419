/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The one number of this header that the library uses, and what takes it; the test has it. */
#ifndef TESTS_DARWIN_MACH_VM_INHERIT_H
#define TESTS_DARWIN_MACH_VM_INHERIT_H

#include <stddef.h>

#define VM_INHERIT_NONE 2

int minherit(void *address, size_t length, int inherit);

#endif
