/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "last_words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

int abx_last_words_read(abx_last_words *words, int fd)
{
    const size_t half = sizeof(words->bytes) / 2;
    if (words->length > half) {
        memmove(words->bytes, words->bytes + words->length - half, half);
        words->length = half;
    }
    ssize_t more = read(fd, words->bytes + words->length, sizeof(words->bytes) - words->length);
    if (more < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    words->length += (size_t)more;
    return more > 0 ? 1 : -1;
}

void abx_last_words_line(const abx_last_words *words, char *line, size_t size)
{
    size_t end = words->length;
    while (end > 0 && isspace((unsigned char)words->bytes[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && words->bytes[start - 1] != '\n')
        start--;
    size_t length = end - start < size ? end - start : size - 1;
    for (size_t i = 0; i < length; i++) {
        char byte = words->bytes[start + i];
        line[i] = iscntrl((unsigned char)byte) ? ' ' : byte;
    }
    line[length] = '\0';
}
