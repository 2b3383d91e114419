/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "suboptions.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Ends the part at `part` with a zero, its commas single, and returns where the next one begins; NULL: it is the last.
 */
static char *end_part(char *part)
{
    char *to = part;
    const char *from = part;
    for (; *from && (from[0] != ',' || from[1] == ','); from++) {
        if (from[0] == ',')
            from++;
        *to++ = *from;
    }
    bool last = !*from;
    *to = '\0';
    return last ? NULL : (char *)from + 1;
}

static cli_suboption take_apart(char *part)
{
    char *equals = strchr(part, '=');
    if (equals)
        *equals = '\0';
    return (cli_suboption){ part, equals ? equals + 1 : NULL };
}

bool cli_split(const char *name, const char *text, cli_suboptions *parts)
{
    cli_suboptions fresh = { .text = strdup(text) };
    if (!fresh.text) {
        cli_complain("no memory");
        return false;
    }
    char *next = end_part(fresh.text);
    fresh.head = fresh.text;
    while (next && fresh.count < CLI_MAX_SUBOPTIONS) {
        char *part = next;
        next = end_part(part);
        fresh.each[fresh.count++] = take_apart(part);
    }
    if (next) {
        cli_complain("--%s: '%s' has too many parts", name, text);
        free(fresh.text);
        return false;
    }
    *parts = fresh;
    return true;
}
