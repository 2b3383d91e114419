/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A backend that only remembers what it is told, and a space on it. */
#ifndef ABX_TESTS_FAKE_BACKEND_H
#define ABX_TESTS_FAKE_BACKEND_H

#include "memory_space.h"

/* cmocka's header needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FAKE_SLOTS = 8, FAKE_WORDS = 64, PAGE = 4096 };

typedef struct fake_space {
    abx_memory_space *space;
    abx_capabilities caps;
    abx_backend table; /* a test may take functions out of it */
    abx_slot slots[FAKE_SLOTS];
    bool mapped[FAKE_SLOTS];
    uint64_t dirty[FAKE_SLOTS][FAKE_WORDS]; /* what "the guest" wrote */
    int fail_in;                            /* the n-th call from now fails; 0: none */
    int calls;
} fake_space;

/* cmocka set-up and tear-down: `*state` is a fake with an empty space. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* How many slots the backend has mapped. */
size_t fake_mapped(const fake_space *fake);

/* An anonymous region, and one added already. */
abx_memory_region region_at(abx_gpa gpa, uint64_t length);
void add(fake_space *fake, abx_gpa gpa, uint64_t length, uint32_t flags);

/* A file of `length` bytes, byte n being n / PAGE + 1, without a name. The caller closes it. */
int temporary_file(uint64_t length);

/* Asserts that the last error of this thread has `status` and that its message has `text` in it. */
void assert_failed(abx_status got, abx_status expected, const char *text);

/* Of this process: open descriptors, and bytes of address space. */
size_t open_descriptors(void);
uint64_t address_space(void);

/* Bytes of [address, address + length) that are in memory. */
size_t resident(const void *address, size_t length);

#endif
