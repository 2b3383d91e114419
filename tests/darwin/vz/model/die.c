/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void die(const char *what, const char *format, va_list arguments)
{
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    fprintf(stderr, "model: %s%s\n", what, text);
    abort();
}

void model_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    die("", format, arguments);
}

void model_raise(const char *name, const char *format, ...)
{
    char what[128];
    snprintf(what, sizeof what, "uncaught %s: ", name);
    va_list arguments;
    va_start(arguments, format);
    die(what, format, arguments);
}

void *model_memory(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        model_die("no memory for the model itself");
    return memory;
}
