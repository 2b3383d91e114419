/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "metrics_text.h"

#include <string.h>

void abx_metrics_family(FILE *text, const char *name, const char *type, const char *unit, const char *help)
{
    fprintf(text, "# TYPE %s %s\n", name, type);
    if (*unit)
        fprintf(text, "# UNIT %s %s\n", name, unit);
    fprintf(text, "# HELP %s %s\n", name, help);
}

/* The OpenMetrics specification, 1.0, "ABNF": escaped-string. What is no printable ASCII might be no UTF-8. */
void abx_metrics_value(FILE *text, const char *value)
{
    fputc('"', text);
    for (const char *c = value; *c; c++) {
        if (*c == '\\' || *c == '"')
            fputc('\\', text);
        fputc(*c >= ' ' && *c <= '~' ? *c : '?', text);
    }
    fputc('"', text);
}

bool abx_metrics_is_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return *name && strspn(name, allowed) == strlen(name);
}
