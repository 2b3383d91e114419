/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What QEMU is told when it starts: a configuration as arguments. */
#ifndef ABX_SRC_QEMU_COMMAND_LINE_H
#define ABX_SRC_QEMU_COMMAND_LINE_H

#include <arcbox/config.h>

#define ABX_COMMAND_LINE_MAX 48

typedef struct abx_command_line {
    char *arguments[ABX_COMMAND_LINE_MAX + 1]; /* for exec: the last one is NULL */
    size_t count;
} abx_command_line;

/* What the configuration does not say. */
typedef struct abx_command_line_options {
    const char *program;
    const char *accel; /* "tcg", "kvm" or "hvf" */
    int qmp_fd;        /* QEMU's end of the protocol's connection */
    int console_fd;    /* its end of the console's connection, -1 for none */
} abx_command_line_options;

/*
 * Builds the arguments for `config`, which is complete and valid and whose arch is not ABX_ARCH_HOST. The machine does
 * not run until it is told to, ends at the guest's reset, shutdown and panic, and has nothing but its RAM, processors,
 * a serial port, pvpanic, and what the configuration asks for. On success the caller owes abx_command_line_free().
 * Errors: ABX_ERR_NO_MEMORY.
 */
abx_status abx_command_line_build(abx_command_line *line, const abx_vm_config *config,
                                  const abx_command_line_options *options);
void abx_command_line_free(abx_command_line *line);

#endif
