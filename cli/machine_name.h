/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of running machines, and where their control sockets are. */
#ifndef ABX_CLI_MACHINE_NAME_H
#define ABX_CLI_MACHINE_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_MACHINE_PATH_MAX = 108, CLI_MACHINE_NAME_MAX = 63 };

/* The folder of the user's sockets: arcbox in $XDG_RUNTIME_DIR, else /tmp/arcbox-UID. False: said that the path is too
 * long. */
bool cli_machine_folder(char folder[CLI_MACHINE_PATH_MAX]);

/* The socket of machine `name`. False: said what is wrong with the name. */
bool cli_machine_path(const char *name, char path[CLI_MACHINE_PATH_MAX]);

/* The names of all sockets that are there, sorted; cli_machine_names_free(). False: said why. */
typedef struct cli_machine_names {
    char (*names)[CLI_MACHINE_NAME_MAX + 1];
    size_t count;
} cli_machine_names;

bool cli_machine_names_read(cli_machine_names *names);
void cli_machine_names_free(cli_machine_names *names);

#endif
