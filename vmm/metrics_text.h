/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* OpenMetrics text, version 1.0: a family of metrics is begun, and its samples follow. */
#ifndef ABX_VMM_METRICS_TEXT_H
#define ABX_VMM_METRICS_TEXT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* Begins family `name`. `type`: "counter", "gauge" …; `unit`: "" or what the name ends with. `help`: one line. */
void abx_metrics_family(FILE *text, const char *name, const char *type, const char *unit, const char *help);

/* A label's value, in quotes. */
void abx_metrics_value(FILE *text, const char *value);

/* Whether `name` may be (the rest of) a metric's name. */
bool abx_metrics_is_name(const char *name);

#endif
