/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VM of this backend. */
#ifndef ABX_SRC_QEMU_VM_OBJECT_H
#define ABX_SRC_QEMU_VM_OBJECT_H

#include "runner.h"

/* One that is up answers at once. */
#define ABX_QEMU_ANSWER_MS 20000

/* The runner's thread is behind all of it. */
typedef struct abx_qemu_vm {
    abx_runner *runner;
    uint64_t balloon_target; /* bytes; the core lets one thread at a time set and get it */
} abx_qemu_vm;

/* Executes a command, as abx_qmp_execute(). When the machine ends instead, the answer may be lost: `*ending` then says
 * how, if it is known; its state is FAILED otherwise. */
abx_status abx_qemu_vm_command(abx_qemu_vm *vm, const char *name, json_t *arguments, abx_ending *ending);

#endif
