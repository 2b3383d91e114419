/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What can be counted of a machine, as text for monitoring systems. libarcbox-vmm. */
#ifndef ARCBOX_METRICS_H
#define ARCBOX_METRICS_H

#include <arcbox/machine.h>

ABX_BEGIN_DECLS

/* What the text is, for those that send it by HTTP. */
#define ABX_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/*
 * The machine's metrics now, as OpenMetrics 1.0 text: state, exits of each vCPU by kind, what the devices did, memory
 * and balloon, and where the backend has ABX_CAP_BINARY_STATS the kernel's own statistics. Those of vCPUs are there
 * when abx_metrics_share() has been called. Numbers are read one after the other while the machine runs. `*text` ends
 * with a zero and is the caller's: abx_metrics_free(). Any thread but vCPUs'. Errors: ABX_ERR_INVALID,
 * ABX_ERR_NO_MEMORY.
 */
ABX_API abx_status abx_metrics_get(abx_machine *machine, char **text) ABX_MUST_CHECK;

/* NULL is allowed. */
ABX_API void abx_metrics_free(char *text);

/*
 * Lets vCPUs share the kernel's statistics from now on, at the price of a file descriptor each. A control socket does
 * that by itself. Any thread but vCPUs'. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED.
 */
ABX_API abx_status abx_metrics_share(abx_machine *machine);

ABX_END_DECLS

#endif
