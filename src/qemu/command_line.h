/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What QEMU is told when it starts: a configuration as arguments. */
#ifndef ABX_SRC_QEMU_COMMAND_LINE_H
#define ABX_SRC_QEMU_COMMAND_LINE_H

#include "arguments.h"
#include "parts.h"

/* What the configuration does not say. */
typedef struct abx_command_line_options {
    const char *program;
    const char *accel;      /* "tcg", "kvm" or "hvf" */
    int qmp_fd;             /* QEMU's end of the protocol's connection */
    const abx_parts *parts; /* the configuration's */
    const int *part_fds; /* QEMU's descriptor for each of them: port, image or network; -1: none. May be NULL when there
                            is no part */
} abx_command_line_options;

/*
 * Builds the arguments for `config`, which is complete and valid and whose arch is not ABX_ARCH_HOST. The machine does
 * not run until it is told to, ends at the guest's reset, shutdown and panic, and has nothing but its RAM, processors,
 * a serial port, pvpanic, and what the configuration asks for. On success the caller owes abx_arguments_free().
 * Errors: ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM (no random numbers for a network card's address).
 */
abx_status abx_command_line_build(abx_arguments *line, const abx_vm_config *config,
                                  const abx_command_line_options *options);

#endif
