/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The EFI zboot wrapper: a program for UEFI that carries a packed Image (Linux,
 * drivers/firmware/efi/libstub/zboot-header.S). It is never entered. */
#ifndef ABX_BOOT_ARM64_ZBOOT_H
#define ABX_BOOT_ARM64_ZBOOT_H

#include "../unpacked.h"

/* Whether a file begins like one. */
bool abx_zboot_is(const uint8_t *head, size_t length);

/* Makes `packed`, whose payload is all of the file, what the file carries. Errors: ABX_ERR_FORMAT (truncated, damaged,
 * packed in an unknown way), ABX_ERR_SYSTEM. */
abx_status abx_zboot_unwrap(abx_packed *packed) ABX_MUST_CHECK;

#endif
