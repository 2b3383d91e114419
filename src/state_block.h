/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Saved state as bytes: a header with version, architecture, length and checksum, then tagged sections. The same for
 * every backend and architecture; what the sections hold is theirs, and so are the tags. Pure: no system calls, no
 * allocation.
 */
#ifndef ABX_SRC_STATE_BLOCK_H
#define ABX_SRC_STATE_BLOCK_H

#include <arcbox/base.h>
#include <arcbox/error.h>

/* Sections of one block. */
enum { ABX_STATE_MAX_SECTIONS = 32 };

/* Writes as far as the buffer goes, and counts on. */
typedef struct abx_state_writer {
    uint8_t *buffer;
    size_t capacity;
    size_t used; /* bytes needed so far, which may be more than there is room for */
    uint32_t sections;
    abx_arch arch;
} abx_state_writer;

/* Begins a block. `buffer` may be NULL when `capacity` is 0. */
void abx_state_begin(abx_state_writer *writer, void *buffer, size_t capacity, abx_arch arch);

/* Adds a section; each tag once, at most ABX_STATE_MAX_SECTIONS, `length` at most UINT32_MAX. */
void abx_state_add(abx_state_writer *writer, uint32_t tag, const void *data, size_t length);

/* Completes the block and returns its size; it is in the buffer if it fits. */
size_t abx_state_finish(abx_state_writer *writer);

typedef struct abx_state_reader {
    struct {
        uint32_t tag;
        const uint8_t *data;
        size_t length;
    } sections[ABX_STATE_MAX_SECTIONS];
    uint32_t count;
} abx_state_reader;

/*
 * Checks a block from anywhere and finds its sections, which stay where they are. Errors, `*reader` untouched:
 * ABX_ERR_FORMAT (cut off, damaged, of another version or architecture).
 */
abx_status abx_state_open(abx_state_reader *reader, const void *block, size_t size, abx_arch arch);

/* A section's bytes, at any alignment; NULL if there is none of that tag. */
const void *abx_state_find(const abx_state_reader *reader, uint32_t tag, size_t *length);

/* Copies a section of exactly `length` bytes. Errors: ABX_ERR_FORMAT (none of that tag, or of another length). */
abx_status abx_state_take(const abx_state_reader *reader, uint32_t tag, void *out, size_t length);

#endif
