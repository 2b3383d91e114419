/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Linux's Image for arm64 (Documentation/arch/arm64/booting.rst, section 4). */
#ifndef ABX_BOOT_ARM64_IMAGE_H
#define ABX_BOOT_ARM64_IMAGE_H

#include "../source.h"

enum { ABX_ARM64_IMAGE_HEADER = 64 };

typedef struct abx_arm64_image {
    uint64_t text_offset; /* from a multiple of 2 MiB to the image, which is entered at its first byte */
    uint64_t file_length; /* what of the file is the image */
    uint64_t memory_length;
} abx_arm64_image;

/* Whether a file begins like one. */
bool abx_arm64_image_is(const uint8_t *head, size_t length);

/* Reads and checks the header. Errors: ABX_ERR_FORMAT (truncated, inconsistent), ABX_ERR_NOT_SUPPORTED (big-endian),
 * ABX_ERR_SYSTEM. */
abx_status abx_arm64_image_parse(abx_arm64_image *out, const abx_source *image) ABX_MUST_CHECK;

#endif
