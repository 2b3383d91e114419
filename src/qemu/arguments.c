/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more, and for the end. */
static bool make_room(abx_arguments *arguments)
{
    if (arguments->count + 1 < arguments->capacity)
        return true;
    size_t capacity = arguments->capacity ? 2 * arguments->capacity : 64;
    char **list = realloc(arguments->list, capacity * sizeof(*list));
    if (!list)
        return false;
    arguments->list = list;
    arguments->capacity = capacity;
    return true;
}

/* Takes `argument`; NULL: there was no memory for it. */
static void append(abx_arguments *arguments, char *argument)
{
    if (argument && !arguments->error && make_room(arguments)) {
        arguments->list[arguments->count++] = argument;
        arguments->list[arguments->count] = NULL;
        return;
    }
    free(argument);
    if (!arguments->error)
        arguments->error = ENOMEM;
}

void abx_arguments_add(abx_arguments *arguments, const char *format, ...)
{
    char *argument = NULL;
    va_list values;
    va_start(values, format);
    if (vasprintf(&argument, format, values) < 0)
        argument = NULL;
    va_end(values);
    append(arguments, argument);
}

void abx_arguments_add_pair(abx_arguments *arguments, const char *option, const char *value)
{
    append(arguments, strdup(option));
    append(arguments, strdup(value));
}

void abx_arguments_free(abx_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++)
        free(arguments->list[i]);
    free(arguments->list);
    *arguments = (abx_arguments){ 0 };
}
