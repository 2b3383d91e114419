/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What abx needs of the operating system and each has its own way for: cli_os_<system>.c. */
#ifndef ABX_CLI_CLI_OS_H
#define ABX_CLI_CLI_OS_H

#include <sys/types.h>

/* Before anything else in the process. */
void cli_os_begin(void);

/* As pipe(2), both ends close-on-exec. */
int cli_os_pipe(int ends[2]);

/* The device number of /dev/null; 0 if there is none. */
dev_t cli_os_null_device(void);

#endif
