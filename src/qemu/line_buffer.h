/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bytes of a stream, cut into lines of limited length. */
#ifndef ABX_SRC_QEMU_LINE_BUFFER_H
#define ABX_SRC_QEMU_LINE_BUFFER_H

#include <arcbox/error.h>

typedef struct abx_line_buffer {
    char *bytes;
    size_t capacity;
    size_t limit;   /* of a line, its end included */
    size_t start;   /* of the first line that has not been taken */
    size_t end;     /* of what has come in */
    size_t scanned; /* up to here there is no line end after start */
} abx_line_buffer;

#define ABX_LINE_BUFFER_INIT(max)                                                                                      \
    {                                                                                                                  \
        .limit = (max)                                                                                                 \
    }

void abx_line_buffer_free(abx_line_buffer *buffer);

/*
 * Room for more bytes: `*room` of them at `*place`, at least one. Say how many came by abx_line_buffer_added(). Errors,
 * without a record: ABX_ERR_LIMIT (the line that has begun is too long), ABX_ERR_NO_MEMORY.
 */
abx_status abx_line_buffer_room(abx_line_buffer *buffer, char **place, size_t *room);
void abx_line_buffer_added(abx_line_buffer *buffer, size_t count);

/* Takes the next whole line, without its end; valid until more room is asked for. False when there is none. */
bool abx_line_buffer_take(abx_line_buffer *buffer, const char **line, size_t *length);

#endif
