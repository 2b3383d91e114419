/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The end of what a process prints, however much that is: for messages. */
#ifndef ABX_SRC_QEMU_LAST_WORDS_H
#define ABX_SRC_QEMU_LAST_WORDS_H

#include <stddef.h>

typedef struct abx_last_words {
    size_t length;
    char bytes[1024];
} abx_last_words;

/*
 * Reads some of what is there from `fd`, which never blocks, and keeps the end of it. Positive: there may be more;
 * 0: nothing for now; negative: there will be no more.
 */
int abx_last_words_read(abx_last_words *words, int fd);

/* The last line that is not empty, without control characters; cut to `size`. */
void abx_last_words_line(const abx_last_words *words, char *line, size_t size);

#endif
