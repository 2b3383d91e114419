/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The oracle's guest code on the stand-in, by the framework's functions alone: what the program at EL2 does. */
#ifndef ABX_TESTS_TRACE_STANDIN_H
#define ABX_TESTS_TRACE_STANDIN_H

#include <stddef.h>

/* A text of lines (trace.h), ending with "end"; the caller's, free(). `payload` is the code. */
char *trace_standin(const void *payload, size_t size);

#endif
