/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What abx top knows of each running machine. */
#ifndef ABX_CLI_TOP_H
#define ABX_CLI_TOP_H

#include "control_client.h"
#include "machine_name.h"

#include <stdint.h>

typedef struct top_sample {
    double time; /* seconds of the monotonic clock */
    double cpu_seconds;
    double exits;
    double read_bytes;
    double written_bytes;
    double resident; /* bytes; negative: not known */
} top_sample;

typedef struct top_machine {
    char name[CLI_MACHINE_NAME_MAX + 1];
    cli_client client;
    json_t *status;
    top_sample before; /* time 0: there is none */
    top_sample now;
} top_machine;

typedef struct top_list {
    top_machine **machines;
    size_t count;
} top_list;

/* Looks for machines that have come or gone, and asks each how it is. False: said why. */
bool top_refresh(top_list *list);
void top_free(top_list *list);

/* The sum of all samples called `name` in OpenMetrics text; negative when there is none. */
double top_sum(const char *text, const char *name);

#endif
