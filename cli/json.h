/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* JSON out. */
#ifndef ABX_CLI_JSON_H
#define ABX_CLI_JSON_H

#include <jansson.h>

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints `value` and a newline, indented or in one line, flushes, and gives the caller's reference back. NULL stands
 * for want of memory while it was built. Returns an exit code; complains on failure.
 */
int cli_print_json(FILE *file, json_t *value, bool indented);

#endif
