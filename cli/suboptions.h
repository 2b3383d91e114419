/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Values of several parts: HEAD[,KEY[=VALUE]]… A comma inside a part is written twice. */
#ifndef ABX_CLI_SUBOPTIONS_H
#define ABX_CLI_SUBOPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_MAX_SUBOPTIONS = 8 };

typedef struct cli_suboption {
    const char *key;
    const char *value; /* NULL: there is no '=' */
} cli_suboption;

typedef struct cli_suboptions {
    char *text; /* what the others point into: free() ends it */
    const char *head;
    cli_suboption each[CLI_MAX_SUBOPTIONS];
    size_t count;
} cli_suboptions;

/* Takes `text` apart, the value of option `name`. On failure says why, and there is nothing to free. */
bool cli_split(const char *name, const char *text, cli_suboptions *parts);

#endif
