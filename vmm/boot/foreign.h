/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernels of other architectures, so that the error can name what it found. */
#ifndef ABX_BOOT_FOREIGN_H
#define ABX_BOOT_FOREIGN_H

#include <arcbox/error.h>

/* The name of ELF machine `machine` (as read little-endian) unless that is x86_64 or i386: then NULL. */
const char *abx_foreign_machine(uint16_t machine, bool big_endian);

/* What kernel image of another architecture begins with `head`; NULL for none known. */
const char *abx_foreign_image(const uint8_t *head, size_t length);

/* Records and returns ABX_ERR_FORMAT for a kernel that is for `found`. */
abx_status abx_foreign_fail(const char *name, const char *found);

#endif
