/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "zboot.h"

#include "../bytes.h"

#include <string.h>

enum {
    IMAGE_TYPE = 4,
    PAYLOAD_OFFSET = 8,
    PAYLOAD_SIZE = 12,
    COMPRESSION = 24,
    HEADER = 56, /* up to the PE magic */
    SIZE = 4,    /* of the unpacked size */
};

bool abx_zboot_is(const uint8_t *head, size_t length)
{
    return length >= HEADER && head[0] == 'M' && head[1] == 'Z' && memcmp(head + IMAGE_TYPE, "zimg", 4) == 0;
}

static abx_status refuse_compression(const abx_source *file, const uint8_t *header)
{
    char name[HEADER - COMPRESSION + 1] = "";
    for (size_t i = 0; i < sizeof(name) - 1 && header[COMPRESSION + i] >= ' ' && header[COMPRESSION + i] <= '~'; i++) {
        name[i] = (char)header[COMPRESSION + i];
    }
    return abx_fail(ABX_ERR_FORMAT, 0, "It is damaged, or packed in a way that is not known.",
                    "unpack %s, which says that it is packed with '%s'", file->name, name);
}

/* The unpacked size: gzip's own last 4 bytes, and for all others 4 bytes behind the payload (Makefile.zboot). */
static abx_status read_size(abx_packed *packed, const abx_source *file, uint64_t offset, uint64_t size)
{
    uint8_t trailer[SIZE];
    uint64_t at = offset + size;
    if (packed->compression == ABX_COMPRESSION_GZIP) {
        at = size < SIZE ? offset : at - SIZE;
    }
    abx_status status = abx_source_read(file, at, trailer, sizeof(trailer));
    if (status == ABX_OK) {
        packed->size = abx_get_le32(trailer);
    }
    return status;
}

abx_status abx_zboot_unwrap(abx_packed *packed)
{
    const abx_source file = packed->payload;
    uint8_t header[HEADER];
    abx_status status = abx_source_read(&file, 0, header, sizeof(header));
    if (status != ABX_OK) {
        return status;
    }
    uint64_t offset = abx_get_le32(header + PAYLOAD_OFFSET);
    uint64_t size = abx_get_le32(header + PAYLOAD_SIZE);
    if (!abx_zboot_is(header, sizeof(header)) || offset < HEADER || size == 0 || !abx_within(offset, size, file.size)) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file is truncated or damaged.",
                        "check %s: its payload lies beyond the end of the file", file.name);
    }
    packed->payload.base = file.base + offset;
    packed->payload.size = size;
    status = abx_packed_detect(packed);
    if (status != ABX_OK) {
        return status;
    }
    return packed->compression ? read_size(packed, &file, offset, size) : refuse_compression(&file, header);
}
