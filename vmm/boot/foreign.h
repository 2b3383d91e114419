/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernels of other architectures, so that the error can name what it found. */
#ifndef ABX_BOOT_FOREIGN_H
#define ABX_BOOT_FOREIGN_H

#include <arcbox/base.h>
#include <arcbox/error.h>

/* The name of ELF machine `machine` (as read little-endian) unless kernels for `arch` have it: then NULL. */
const char *abx_foreign_machine(abx_arch arch, uint16_t machine, bool big_endian);

/* What kernel image of an architecture other than `arch` begins with `head`; NULL for none known. */
const char *abx_foreign_image(abx_arch arch, const uint8_t *head, size_t length);

/* Records and returns ABX_ERR_FORMAT for a kernel that is for `found` and not for `arch`. */
abx_status abx_foreign_fail(abx_arch arch, const char *name, const char *found);

#endif
