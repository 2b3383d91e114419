/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "line_buffer.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096u

void abx_line_buffer_free(abx_line_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (abx_line_buffer)ABX_LINE_BUFFER_INIT(buffer->limit);
}

static bool grow(abx_line_buffer *buffer)
{
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : FIRST_CAPACITY;
    if (capacity > buffer->limit)
        capacity = buffer->limit;
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

abx_status abx_line_buffer_room(abx_line_buffer *buffer, char **place, size_t *room)
{
    if (buffer->start > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
        buffer->end -= buffer->start;
        buffer->scanned -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->end == buffer->capacity) {
        if (buffer->capacity >= buffer->limit)
            return ABX_ERR_LIMIT;
        if (!grow(buffer))
            return ABX_ERR_NO_MEMORY;
    }
    *place = buffer->bytes + buffer->end;
    *room = buffer->capacity - buffer->end;
    return ABX_OK;
}

void abx_line_buffer_added(abx_line_buffer *buffer, size_t count)
{
    buffer->end += count;
}

bool abx_line_buffer_take(abx_line_buffer *buffer, const char **line, size_t *length)
{
    if (buffer->scanned == buffer->end)
        return false;
    char *from = buffer->bytes + buffer->scanned;
    char *stop = memchr(from, '\n', buffer->end - buffer->scanned);
    if (!stop) {
        buffer->scanned = buffer->end;
        return false;
    }
    *line = buffer->bytes + buffer->start;
    *length = (size_t)(stop - *line);
    buffer->start = buffer->scanned = (size_t)(stop - buffer->bytes) + 1;
    return true;
}
