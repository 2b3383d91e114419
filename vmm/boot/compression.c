/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compression.h"

#include <string.h>

/* RFC 1952 section 2.3.1; xz file format 1.0.4 section 2.1.1.1; RFC 8878 section 3.1.1; LZ4 frame format 1.6 and its
 * "Legacy frame"; bzip2's and lzop's own headers. LZMA has no magic: properties lc=3 lp=0 pb=2, then the dictionary's
 * size, of which any real one is a multiple of 64 KiB. */
static const struct {
    abx_compression compression;
    uint8_t length;
    uint8_t bytes[ABX_COMPRESSION_MAGIC];
} magics[] = {
    { ABX_COMPRESSION_GZIP, 3, { 0x1f, 0x8b, 0x08 } },
    { ABX_COMPRESSION_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
    { ABX_COMPRESSION_LZMA, 3, { 0x5d, 0x00, 0x00 } },
    { ABX_COMPRESSION_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
    { ABX_COMPRESSION_LZ4, 4, { 0x04, 0x22, 0x4d, 0x18 } },
    { ABX_COMPRESSION_LZ4_LEGACY, 4, { 0x02, 0x21, 0x4c, 0x18 } },
    { ABX_COMPRESSION_BZIP2, 3, { 'B', 'Z', 'h' } },
    { ABX_COMPRESSION_LZO, 4, { 0x89, 'L', 'Z', 'O' } },
};

abx_compression abx_compression_detect(const uint8_t *head, size_t length)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        if (length >= magics[i].length && memcmp(head, magics[i].bytes, magics[i].length) == 0) {
            return magics[i].compression;
        }
    }
    return ABX_COMPRESSION_NONE;
}

const char *abx_compression_name(abx_compression compression)
{
    switch (compression) {
    case ABX_COMPRESSION_NONE:
        return "none";
    case ABX_COMPRESSION_GZIP:
        return "gzip";
    case ABX_COMPRESSION_XZ:
        return "xz";
    case ABX_COMPRESSION_LZMA:
        return "lzma";
    case ABX_COMPRESSION_ZSTD:
        return "zstd";
    case ABX_COMPRESSION_LZ4:
    case ABX_COMPRESSION_LZ4_LEGACY:
        return "lz4";
    case ABX_COMPRESSION_BZIP2:
        return "bzip2";
    case ABX_COMPRESSION_LZO:
        return "lzo";
    }
    return "unknown";
}
