/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a kernel may be packed, told by its first bytes. */
#ifndef ABX_BOOT_COMPRESSION_H
#define ABX_BOOT_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

typedef enum abx_compression {
    ABX_COMPRESSION_NONE = 0,
    ABX_COMPRESSION_GZIP,
    ABX_COMPRESSION_XZ,
    ABX_COMPRESSION_LZMA,
    ABX_COMPRESSION_ZSTD,
    ABX_COMPRESSION_LZ4,        /* the frame format of the command */
    ABX_COMPRESSION_LZ4_LEGACY, /* the format of Linux */
    ABX_COMPRESSION_BZIP2,      /* known by name only */
    ABX_COMPRESSION_LZO,        /* known by name only */
} abx_compression;

enum { ABX_COMPRESSION_MAGIC = 6 }; /* bytes that detection looks at, at most */

abx_compression abx_compression_detect(const uint8_t *head, size_t length);

/* "none", "gzip" … Static storage. */
const char *abx_compression_name(abx_compression compression);

#endif
