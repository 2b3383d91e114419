/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a machine's metrics; each writes its families. */
#ifndef ABX_VMM_METRICS_INTERNAL_H
#define ABX_VMM_METRICS_INTERNAL_H

#include "machine_internal.h"
#include "metrics_text.h"

/* metrics_memory.c: RAM, how much of it the host has pages for, and the balloon. */
void abx_metrics_write_memory(FILE *text, abx_machine *machine);

/* metrics_kernel.c: what the kernel counts by itself. */
void abx_metrics_write_kernel(FILE *text, abx_machine *machine);

#endif
