/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The QEMU program: where it is and how old. */
#ifndef ABX_SRC_QEMU_PROGRAM_H
#define ABX_SRC_QEMU_PROGRAM_H

#include <arcbox/error.h>

typedef struct abx_qemu_version {
    unsigned major;
    unsigned minor;
    unsigned micro;
} abx_qemu_version;

/*
 * The path of program `name`: itself if it has a slash, else the first executable file of that name in PATH. The caller
 * frees `*path`. Errors: ABX_ERR_NOT_FOUND (advice names the Debian package), ABX_ERR_PERMISSION, ABX_ERR_NO_MEMORY.
 */
abx_status abx_program_find(char **path, const char *name);

/* The same for something that may be missing: NULL when it is, and no error record. */
char *abx_program_look_up(const char *name);

/* Asks the program at `path` for its version. Errors: ABX_ERR_NOT_SUPPORTED (it does not answer as QEMU does), and
 * those of abx_process_spawn(). */
abx_status abx_program_version(abx_qemu_version *version, const char *path);

/* Errors: ABX_ERR_NOT_SUPPORTED, with advice, for a QEMU that is too old for this backend. */
abx_status abx_program_check(const abx_qemu_version *version, const char *path);

/* Reads what "--version" prints. False when that is nothing of QEMU's. */
bool abx_program_parse_version(abx_qemu_version *version, const char *text);

#endif
