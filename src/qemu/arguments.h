/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A list of arguments that grows. What cannot be added is noticed at the end. */
#ifndef ABX_SRC_QEMU_ARGUMENTS_H
#define ABX_SRC_QEMU_ARGUMENTS_H

#include <arcbox/error.h>

typedef struct abx_arguments {
    char **list; /* for exec: a NULL ends it */
    size_t count;
    size_t capacity;
    int error; /* errno of the first failure, 0 for none */
} abx_arguments;

/* Adds an argument. */
void abx_arguments_add(abx_arguments *arguments, const char *format, ...) ABX_PRINTF(2, 3);

/* Adds an option and a value that needs no escaping: nothing in QEMU takes it apart. */
void abx_arguments_add_pair(abx_arguments *arguments, const char *option, const char *value);

/* Frees all; {0} is allowed. */
void abx_arguments_free(abx_arguments *arguments);

#endif
