/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the oracle says, from a run of it, and what it was given to run. Everything here asserts. */
#ifndef ABX_TESTS_ORACLE_RUN_H
#define ABX_TESTS_ORACLE_RUN_H

#include "trace.h"

#include <stdbool.h>
#include <stddef.h>

/* argv: the guest code, the program at EL2, QEMU. */
void oracle_options(int argc, char **argv);

/* The text of a run, ending with "end"; and the guest code. The caller's: free(). */
char *oracle_run(void);
char *oracle_payload(size_t *size);

/* The next line of a text, without its end; false at the end of all. */
bool oracle_next_line(char **text, char line[ORACLE_LINE]);

/* One line taken apart again. `registers` are those of the line before, and become those of this one. */
void oracle_parse(const char *line, oracle_exit *exit, oracle_registers *registers);

#endif
