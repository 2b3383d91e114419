/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "multiboot_header.h"

#include "../bytes.h"

enum {
    HEADER = 12,           /* magic, flags, checksum */
    HEADER_ADDRESSES = 32, /* and the five addresses */
};

static const uint32_t magic_1 = 0x1badb002;
static const uint32_t magic_2 = 0xe85250d6;

bool abx_multiboot_header_find(abx_multiboot_header *out, const uint8_t *head, size_t length)
{
    for (size_t at = 0; at + HEADER <= length && at + HEADER <= ABX_MULTIBOOT_SEARCH; at += 4) {
        uint32_t flags = abx_get_le32(head + at + 4);
        uint32_t checksum = abx_get_le32(head + at + 8);
        if (abx_get_le32(head + at) != magic_1 || magic_1 + flags + checksum != 0) {
            continue;
        }
        *out = (abx_multiboot_header){ .offset = (uint32_t)at, .flags = flags };
        if (flags & ABX_MULTIBOOT_ADDRESSES) {
            if (at + HEADER_ADDRESSES > length) {
                return false;
            }
            out->header_addr = abx_get_le32(head + at + 12);
            out->load_addr = abx_get_le32(head + at + 16);
            out->load_end_addr = abx_get_le32(head + at + 20);
            out->bss_end_addr = abx_get_le32(head + at + 24);
            out->entry_addr = abx_get_le32(head + at + 28);
        }
        return true;
    }
    return false;
}

/* Multiboot 2.0, section 3.1.1: 8-byte aligned within the first 32 KiB; the first page is where it is in practice. */
bool abx_multiboot_header_is_2(const uint8_t *head, size_t length)
{
    for (size_t at = 0; at + 16 <= length; at += 8) {
        if (abx_get_le32(head + at) == magic_2 &&
            magic_2 + abx_get_le32(head + at + 4) + abx_get_le32(head + at + 8) + abx_get_le32(head + at + 12) == 0) {
            return true;
        }
    }
    return false;
}

abx_status abx_multiboot_header_run(const abx_multiboot_header *header, uint64_t image_size, const char *name,
                                    abx_runs *runs)
{
    uint64_t before = (uint64_t)header->header_addr - header->load_addr; /* of the header, in memory as in the file */
    if (header->load_addr > header->header_addr || before > header->offset) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The kernel is damaged.",
                        "check %s: the load address in its Multiboot header", name);
    }
    abx_run run = { .gpa = header->load_addr, .offset = header->offset - before };
    if (header->load_end_addr == 0) {
        run.file_length = image_size - run.offset;
    } else if (header->load_end_addr >= header->load_addr) {
        run.file_length = header->load_end_addr - header->load_addr;
    } else {
        return abx_fail(ABX_ERR_FORMAT, 0, "The kernel is damaged.",
                        "check %s: the end of its data in its Multiboot header", name);
    }
    run.memory_length = run.file_length;
    if (header->bss_end_addr != 0) {
        if (header->bss_end_addr < header->load_addr + run.file_length) {
            return abx_fail(ABX_ERR_FORMAT, 0, "The kernel is damaged.",
                            "check %s: the end of its memory in its Multiboot header", name);
        }
        run.memory_length = header->bss_end_addr - header->load_addr;
    }
    return abx_runs_add(runs, &run, image_size, name);
}
