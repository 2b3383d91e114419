/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What loading a kernel needs of the operating system and each has its own way for: boot_os_<system>.c. */
#ifndef ABX_VMM_BOOT_BOOT_OS_H
#define ABX_VMM_BOOT_BOOT_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

/* Fills up to 256 random bytes without waiting. False: the system has none yet. */
bool abx_boot_os_random(void *bytes, size_t length);

/* A new file without a name for what is unpacked, close-on-exec. -1 and errno on failure. */
int abx_boot_os_scratch_file(void);

/* When a file's content was last written, and when anything of it last changed. */
struct timespec abx_boot_os_modified(const struct stat *status);
struct timespec abx_boot_os_changed(const struct stat *status);

#endif
