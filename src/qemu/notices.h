/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What QEMU tells without being asked: it becomes events, changes of state, and what its end will mean. */
#ifndef ABX_SRC_QEMU_NOTICES_H
#define ABX_SRC_QEMU_NOTICES_H

#include "disk_errors.h"
#include "ending.h"
#include "qmp.h"

/* The reader's own. */
typedef struct abx_notices {
    abx_vm *vm; /* gets the events */
    abx_qmp *qmp;
    abx_disk_errors disks;
    abx_shutdown shutdown; /* ABX_SHUTDOWN_FAULT: the process is of no use any more, and still there */
} abx_notices;

/* Takes one in. An abx_qmp_handler; the context is the abx_notices. */
void abx_notices_take(void *notices, const char *name, const json_t *data);

#endif
