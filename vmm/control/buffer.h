/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bytes on their way, up to a limit. */
#ifndef ABX_VMM_CONTROL_BUFFER_H
#define ABX_VMM_CONTROL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct abx_buffer {
    char *bytes;
    size_t start; /* of what has not been taken */
    size_t end;
    size_t capacity;
    size_t limit;   /* how much it holds at most */
    size_t scanned; /* from the start: there is no line end in these */
} abx_buffer;

#define ABX_BUFFER_INIT(most)                                                                                          \
    {                                                                                                                  \
        .limit = (most)                                                                                                \
    }

/* Empties it and gives its memory back. */
void abx_buffer_free(abx_buffer *buffer);

static inline size_t abx_buffer_length(const abx_buffer *buffer)
{
    return buffer->end - buffer->start;
}

static inline const char *abx_buffer_bytes(const abx_buffer *buffer)
{
    return buffer->bytes + buffer->start;
}

/* Adds all of it or, for want of room or memory, nothing: false. */
bool abx_buffer_add(abx_buffer *buffer, const void *bytes, size_t length);

/* Takes so many bytes away from the front. An empty buffer has no memory. */
void abx_buffer_drop(abx_buffer *buffer, size_t length);

/* The first line without its end, of `*length` bytes; false when it is not there yet. abx_buffer_drop() with one byte
 * more takes it. */
bool abx_buffer_line(abx_buffer *buffer, size_t *length);

/* Keeps the first `length` bytes only. */
void abx_buffer_cut(abx_buffer *buffer, size_t length);

#endif
