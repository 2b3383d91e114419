/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who a machine is, kept in a file from run to run. */
#ifndef ABX_CLI_MACHINE_ID_H
#define ABX_CLI_MACHINE_ID_H

#include <arcbox/vm.h>

enum { CLI_MACHINE_ID_MAX = 4096 };

typedef struct cli_machine_id {
    const char *path; /* NULL: not kept */
    size_t size;      /* 0: there is none yet */
    unsigned char bytes[CLI_MACHINE_ID_MAX];
} cli_machine_id;

/* Reads the file, if there is one. False: said why. */
bool cli_machine_id_read(cli_machine_id *id);

/* Writes the identifier of `vm` to a new file, if none was read. False: said why. */
bool cli_machine_id_keep(cli_machine_id *id, const abx_vm *vm);

#endif
