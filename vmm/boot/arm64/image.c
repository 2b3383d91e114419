/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "image.h"

#include "../bytes.h"

#include <string.h>

enum {
    TEXT_OFFSET = 8,
    IMAGE_SIZE = 16,
    FLAGS = 24,
    MAGIC = 56,

    FLAG_BIG_ENDIAN = 1 << 0,
    OLD_TEXT_OFFSET = 0x80000, /* of kernels before 3.17, which say no size */
    BASE_ALIGNMENT = 2 << 20,
};

bool abx_arm64_image_is(const uint8_t *head, size_t length)
{
    static const uint8_t magic[] = { 'A', 'R', 'M', 0x64 };
    return length >= ABX_ARM64_IMAGE_HEADER && memcmp(head + MAGIC, magic, sizeof(magic)) == 0;
}

static abx_status refuse(const abx_source *image, const char *what)
{
    return abx_fail(ABX_ERR_FORMAT, 0, "The file is truncated or damaged.", "check %s: %s", image->name, what);
}

/* Behind the image there may be a signature for UEFI, which is no part of it. */
abx_status abx_arm64_image_parse(abx_arm64_image *out, const abx_source *image)
{
    uint8_t header[ABX_ARM64_IMAGE_HEADER];
    abx_status status = abx_source_read(image, 0, header, sizeof(header));
    if (status != ABX_OK) {
        return status;
    }
    if (!abx_arm64_image_is(header, sizeof(header))) {
        return refuse(image, "it is no Image for arm64");
    }
    uint64_t text_offset = abx_get_le64(header + TEXT_OFFSET);
    uint64_t size = abx_get_le64(header + IMAGE_SIZE);
    if (abx_get_le64(header + FLAGS) & FLAG_BIG_ENDIAN) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use a little-endian kernel.", "check %s: it is big-endian",
                        image->name);
    }
    if (size == 0) {
        text_offset = OLD_TEXT_OFFSET;
        size = image->size;
    }
    if (text_offset >= BASE_ALIGNMENT || text_offset % 4 != 0) {
        return refuse(image, "the offset of its text");
    }
    if (size < sizeof(header)) {
        return refuse(image, "its size is less than that of its header");
    }
    *out = (abx_arm64_image){ .text_offset = text_offset,
                              .file_length = size < image->size ? size : image->size,
                              .memory_length = size };
    return ABX_OK;
}
