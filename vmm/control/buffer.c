/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 512 };

void abx_buffer_free(abx_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (abx_buffer)ABX_BUFFER_INIT(buffer->limit);
}

/* Room for `length` bytes in all, which is within the limit. */
static bool grow(abx_buffer *buffer, size_t length)
{
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < length)
        capacity *= 2;
    if (capacity == buffer->capacity)
        return true;
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool abx_buffer_add(abx_buffer *buffer, const void *bytes, size_t length)
{
    size_t held = abx_buffer_length(buffer);
    if (length > buffer->limit - held)
        return false;
    if (length == 0)
        return true;
    if (buffer->start > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->start, held);
        buffer->start = 0;
        buffer->end = held;
    }
    if (!grow(buffer, held + length))
        return false;
    memcpy(buffer->bytes + held, bytes, length);
    buffer->end += length;
    return true;
}

void abx_buffer_drop(abx_buffer *buffer, size_t length)
{
    buffer->start += length;
    buffer->scanned = length < buffer->scanned ? buffer->scanned - length : 0;
    if (buffer->start == buffer->end)
        abx_buffer_free(buffer);
}

bool abx_buffer_line(abx_buffer *buffer, size_t *length)
{
    size_t held = abx_buffer_length(buffer);
    if (buffer->scanned == held)
        return false;
    const char *line = abx_buffer_bytes(buffer);
    const char *end = memchr(line + buffer->scanned, '\n', held - buffer->scanned);
    buffer->scanned = end ? (size_t)(end - line) : held;
    if (end)
        *length = (size_t)(end - line);
    return end;
}

void abx_buffer_cut(abx_buffer *buffer, size_t length)
{
    buffer->end = buffer->start + length;
    if (buffer->scanned > length)
        buffer->scanned = length;
    if (length == 0)
        abx_buffer_free(buffer);
}
