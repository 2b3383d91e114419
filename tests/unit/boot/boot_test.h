/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the tests of boot share: growing byte strings and files in a folder of their own. */
#ifndef TESTS_BOOT_TEST_H
#define TESTS_BOOT_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <arcbox/error.h>

#include "boot/bytes.h"
#include "boot/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A byte string that grows with zeros. */
typedef struct blob {
    uint8_t *data;
    size_t size;
} blob;

void blob_free(blob *b);
void blob_resize(blob *b, size_t size);
void blob_put(blob *b, size_t at, const void *data, size_t length);
void blob_put_le(blob *b, size_t at, unsigned width, uint64_t value);
blob blob_copy(const blob *b);

/* Bytes that do not pack well, the same for the same seed. */
void blob_noise(blob *b, size_t at, size_t length, uint32_t seed);
uint32_t next_random(uint32_t *state);

/* A folder for the files of this program; scratch_end() removes it with all that is in it. Group setup and teardown. */
int scratch_begin(void **state);
int scratch_end(void **state);
const char *scratch(void);

/* The path of `name` in the scratch folder; good until scratch_end(). */
const char *scratch_path(const char *name);

/* Writes a file there and returns its path. */
const char *scratch_write(const char *name, const blob *content);

/* Opens such a file. */
abx_source scratch_source(const char *name, const blob *content);

/* Makes this process an ordinary user, who may look into the scratch folder but owns none of it, and root again. Both
 * do nothing for those who are one anyway. */
void become_user(void);
void become_root(void);
enum { ORDINARY_USER = 65534 };

/* How many descriptors this process has open. */
size_t open_descriptors(void);

/* A failure with this status, a message, and advice where there should be some. */
void assert_failed(abx_status expected, abx_status status);

/* … whose message has `text` in it. */
void assert_failed_saying(abx_status expected, const char *text, abx_status status);

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        abx_status status_ = (call);                                                                                   \
        if (status_ != ABX_OK) {                                                                                       \
            fail_msg("%s: %s", #call, abx_last_error()->message);                                                      \
        }                                                                                                              \
    } while (0)

#endif
