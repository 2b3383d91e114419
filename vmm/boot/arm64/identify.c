/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "identify.h"

#include "../bytes.h"
#include "../elf_format.h"
#include "../elf_image.h"
#include "../foreign.h"
#include "image.h"

#include <arcbox/arm64.h>

enum { HEAD = 1024 }; /* enough to tell images of other architectures */

/* The beginning of an image. */
typedef struct abx_head {
    uint8_t bytes[HEAD];
    size_t length;
} abx_head;

static const char *find_foreign(const abx_head *head)
{
    const uint8_t *bytes = head->bytes;
    if (abx_elf_is(bytes, head->length) && head->length >= sizeof(Elf32_Ehdr)) {
        return abx_foreign_machine(ABX_ARCH_ARM64, abx_get_le16(bytes + offsetof(Elf32_Ehdr, e_machine)),
                                   bytes[EI_DATA] == ELFDATA2MSB);
    }
    return abx_foreign_image(ABX_ARCH_ARM64, bytes, head->length);
}

static abx_status refuse(const abx_source *image, const abx_head *head, const char *what)
{
    const char *foreign = find_foreign(head);
    if (foreign) {
        return abx_foreign_fail(ABX_ARCH_ARM64, image->name, foreign);
    }
    return abx_fail(ABX_ERR_FORMAT, 0, "Give an Image, which may be compressed or wrapped for EFI, or an ELF.",
                    "check %s: %s", image->name, what);
}

/* The image says how far from a multiple of 2 MiB it wants to be: the first is where RAM begins. */
static abx_status take_image(abx_kernel *kernel, const abx_source *source)
{
    abx_arm64_image image;
    abx_status status = abx_arm64_image_parse(&image, source);
    if (status != ABX_OK) {
        return status;
    }
    abx_run run = { .gpa = ABX_ARM64_RAM + image.text_offset,
                    .file_length = image.file_length,
                    .memory_length = image.memory_length };
    abx_runs_free(&kernel->runs);
    kernel->info.entry = run.gpa;
    return abx_runs_add(&kernel->runs, &run, source->size, source->name);
}

static abx_status take_elf(abx_kernel *kernel, const abx_source *source)
{
    abx_elf elf;
    abx_status status = abx_elf_parse(&elf, source, ABX_ARCH_ARM64);
    if (status != ABX_OK) {
        return status;
    }
    abx_runs_free(&kernel->runs);
    kernel->runs = elf.runs;
    kernel->info.entry = elf.entry;
    if (!abx_runs_hold(&kernel->runs, elf.entry) || elf.entry % 4 != 0) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file is damaged.", "check %s: its entry point lies outside of it",
                        source->name);
    }
    return ABX_OK;
}

static abx_image_kind guess(const abx_head *head, bool is_linux)
{
    if (is_linux || abx_arm64_image_is(head->bytes, head->length)) {
        return ABX_IMAGE_LINUX;
    }
    return abx_elf_is(head->bytes, head->length) ? ABX_IMAGE_ELF : ABX_IMAGE_AUTO;
}

abx_status abx_identify_arm64(abx_kernel *kernel, const abx_source *image, const abx_identify *known)
{
    abx_head head = { .length = image->size < HEAD ? (size_t)image->size : HEAD };
    abx_status status = abx_source_read(image, 0, head.bytes, head.length);
    if (status != ABX_OK) {
        return status;
    }
    kernel->info.kind = known->kind == ABX_IMAGE_AUTO ? guess(&head, known->is_linux) : known->kind;
    switch (kernel->info.kind) {
    case ABX_IMAGE_LINUX:
        if (!abx_arm64_image_is(head.bytes, head.length)) {
            return refuse(image, &head, "it is no Image for arm64");
        }
        return take_image(kernel, image);
    case ABX_IMAGE_ELF:
        if (!abx_elf_is(head.bytes, head.length)) {
            return refuse(image, &head, "it is no ELF");
        }
        return take_elf(kernel, image);
    case ABX_IMAGE_AUTO:
        return refuse(image, &head, "no known kind of kernel");
    default:
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "On arm64 there are Linux, ELF and flat images.",
                        "open %s as a kind of x86_64", image->name);
    }
}
