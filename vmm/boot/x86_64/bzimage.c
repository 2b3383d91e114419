/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bzimage.h"

#include "../bytes.h"

#include <string.h>

/* Offsets in the image, section "The Real-Mode Kernel Header". */
enum {
    SETUP_SECTS = 0x1f1,
    BOOT_FLAG = 0x1fe,
    JUMP = 0x200, /* a short jump: its second byte tells where the header ends */
    HEADER = 0x202,
    VERSION = 0x206,
    KERNEL_VERSION = 0x20e,
    LOADFLAGS = 0x211,
    INITRD_ADDR_MAX = 0x22c,
    KERNEL_ALIGNMENT = 0x230,
    XLOADFLAGS = 0x236,
    CMDLINE_SIZE = 0x238,
    PAYLOAD_OFFSET = 0x248,
    PAYLOAD_LENGTH = 0x24c,
    PROTOCOL_2_12_END = 0x268, /* init_size and handover_offset, the last fields of 2.12 */

    SECTOR = 512,
    BOOT_MAGIC = 0xaa55,
    PROTOCOL_2_12 = 0x020c, /* the first with a 64-bit entry */
    LOADED_HIGH = 1 << 0,
    XLF_KERNEL_64 = 1 << 0,
};

static uint64_t field(const abx_setup_header *header, unsigned offset, unsigned width)
{
    return abx_get_le(header->bytes + (offset - ABX_SETUP_HEADER), width);
}

static void set_field(abx_setup_header *header, unsigned offset, unsigned width, uint64_t value)
{
    abx_put_le(header->bytes + (offset - ABX_SETUP_HEADER), width, value);
}

bool abx_bzimage_is(const uint8_t *head, size_t length)
{
    return length >= HEADER + 4 && abx_get_le16(head + BOOT_FLAG) == BOOT_MAGIC &&
           memcmp(head + HEADER, "HdrS", 4) == 0;
}

static abx_status refuse(const abx_source *image, const char *what)
{
    return abx_fail(ABX_ERR_FORMAT, 0, NULL, "check %s: %s", image->name, what);
}

/* Of a version string that lies elsewhere or has no end, as much as there is. */
static void read_version(abx_bzimage *out, const abx_source *image)
{
    uint64_t offset = field(&out->header, KERNEL_VERSION, 2);
    if (offset == 0 || offset + JUMP >= image->size) {
        return;
    }
    uint64_t left = image->size - (offset + JUMP);
    uint64_t length = left < sizeof(out->version) - 1 ? left : sizeof(out->version) - 1;
    if (!abx_source_peek(image, offset + JUMP, out->version, length)) {
        out->version[0] = '\0';
    }
    for (char *c = out->version; *c; c++) {
        if (*c < ' ' || *c > '~') {
            *c = '\0';
            break;
        }
    }
}

static abx_status check(const abx_bzimage *bz, const abx_source *image)
{
    if (field(&bz->header, BOOT_FLAG, 2) != BOOT_MAGIC || field(&bz->header, HEADER, 4) != 0x53726448) {
        return refuse(image, "it is no bzImage");
    }
    if (field(&bz->header, VERSION, 2) < PROTOCOL_2_12) {
        return refuse(image, "its boot protocol is older than 2.12 (Linux 3.8)");
    }
    if (!(field(&bz->header, XLOADFLAGS, 2) & XLF_KERNEL_64)) {
        return refuse(image, "it is a 32-bit kernel; a kernel for x86_64 is needed");
    }
    if (!(field(&bz->header, LOADFLAGS, 1) & LOADED_HIGH)) {
        return refuse(image, "it is a zImage, which loads low");
    }
    if (bz->payload_length == 0 || !abx_within(bz->payload_offset, bz->payload_length, image->size)) {
        return refuse(image, "its payload lies beyond the end of the file: it is truncated or damaged");
    }
    return ABX_OK;
}

abx_status abx_bzimage_parse(abx_bzimage *out, const abx_source *image)
{
    abx_bzimage bz = { 0 };
    abx_status status = abx_source_read(image, ABX_SETUP_HEADER, bz.header.bytes, sizeof(bz.header.bytes));
    if (status != ABX_OK) {
        return status;
    }
    /* "The size of the setup header": what lies behind its end is code. */
    uint64_t end = HEADER + field(&bz.header, JUMP + 1, 1);
    if (end < PROTOCOL_2_12_END || end > ABX_SETUP_HEADER_END) {
        return refuse(image, "the length of its setup header");
    }
    memset(bz.header.bytes + (end - ABX_SETUP_HEADER), 0, ABX_SETUP_HEADER_END - end);

    uint64_t sectors = field(&bz.header, SETUP_SECTS, 1);
    bz.payload_offset = ((sectors ? sectors : 4) + 1) * SECTOR + field(&bz.header, PAYLOAD_OFFSET, 4);
    bz.payload_length = field(&bz.header, PAYLOAD_LENGTH, 4);
    status = check(&bz, image);
    if (status == ABX_OK) {
        read_version(&bz, image);
        *out = bz;
    }
    return status;
}

void abx_setup_header_default(abx_setup_header *out)
{
    *out = (abx_setup_header){ 0 };
    set_field(out, BOOT_FLAG, 2, BOOT_MAGIC);
    set_field(out, HEADER, 4, 0x53726448); /* "HdrS" */
    set_field(out, VERSION, 2, PROTOCOL_2_12);
    set_field(out, LOADFLAGS, 1, LOADED_HIGH);
    set_field(out, INITRD_ADDR_MAX, 4, 0x7fffffff);
    set_field(out, KERNEL_ALIGNMENT, 4, 2 << 20);
    set_field(out, XLOADFLAGS, 2, XLF_KERNEL_64);
    set_field(out, CMDLINE_SIZE, 4, 2047);
}

uint32_t abx_setup_header_cmdline_max(const abx_setup_header *header)
{
    return (uint32_t)field(header, CMDLINE_SIZE, 4);
}

uint32_t abx_setup_header_initrd_max(const abx_setup_header *header)
{
    return (uint32_t)field(header, INITRD_ADDR_MAX, 4);
}
