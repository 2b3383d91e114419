/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "identify.h"

#include "../elf_image.h"
#include "../foreign.h"
#include "../linux_version.h"
#include "multiboot_header.h"

#include <string.h>

/* An image taken apart. */
typedef struct abx_parts {
    const abx_source *image;
    uint8_t head[ABX_MULTIBOOT_SEARCH];
    size_t head_length;
    bool is_elf;
    abx_elf elf;
    bool is_multiboot;
    abx_multiboot_header multiboot;
} abx_parts;

static abx_status refuse(const abx_source *image, const char *what)
{
    return abx_fail(ABX_ERR_FORMAT, 0, "Give a bzImage, a vmlinux, or an ELF with a PVH note or a Multiboot header.",
                    "check %s: %s", image->name, what);
}

static abx_status take_apart(abx_parts *parts, const abx_source *image)
{
    parts->image = image;
    parts->is_elf = false;
    parts->head_length = image->size < sizeof(parts->head) ? (size_t)image->size : sizeof(parts->head);
    abx_status status = abx_source_read(image, 0, parts->head, parts->head_length);
    if (status != ABX_OK) {
        return status;
    }
    parts->is_multiboot = abx_multiboot_header_find(&parts->multiboot, parts->head, parts->head_length);
    if (abx_elf_is(parts->head, parts->head_length)) {
        status = abx_elf_parse(&parts->elf, image, ABX_ARCH_X86_64);
        parts->is_elf = status == ABX_OK;
    }
    return status;
}

static abx_status refuse_unknown(const abx_parts *parts)
{
    const char *foreign = abx_foreign_image(ABX_ARCH_X86_64, parts->head, parts->head_length);
    if (foreign) {
        return abx_foreign_fail(ABX_ARCH_X86_64, parts->image->name, foreign);
    }
    if (abx_multiboot_header_is_2(parts->head, parts->head_length)) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Build it for Multiboot 1.", "check %s: it is a Multiboot 2 kernel",
                        parts->image->name);
    }
    return refuse(parts->image, parts->is_elf ? "an ELF without PVH note or Multiboot header that is no Linux either"
                                              : "no known kind of kernel");
}

/* A vmlinux usually has a PVH note as well: the 64-bit entry saves it the 32-bit code. */
static abx_image_kind guess(const abx_parts *parts, bool is_linux)
{
    if (is_linux || (parts->is_elf && parts->elf.is_linux)) {
        return ABX_IMAGE_LINUX;
    }
    if (parts->is_multiboot) {
        return ABX_IMAGE_MULTIBOOT;
    }
    if (parts->is_elf && parts->elf.has_pvh) {
        return ABX_IMAGE_PVH;
    }
    if (parts->is_elf && parts->elf.wide && abx_linux_banner(parts->image)) {
        return ABX_IMAGE_LINUX;
    }
    return ABX_IMAGE_AUTO;
}

static void take_elf(abx_kernel *kernel, abx_parts *parts, abx_gpa entry)
{
    abx_runs_free(&kernel->runs);
    kernel->runs = parts->elf.runs;
    parts->elf.runs = (abx_runs){ 0 };
    kernel->info.entry = entry;
}

static abx_status take_linux(abx_kernel *kernel, abx_parts *parts)
{
    if (!parts->is_elf) {
        return refuse_unknown(parts);
    }
    if (parts->elf.machine != ABX_ELF_X86_64) {
        return abx_foreign_fail(ABX_ARCH_X86_64, parts->image->name, "i386");
    }
    take_elf(kernel, parts, parts->elf.entry);
    return ABX_OK;
}

static abx_status take_pvh(abx_kernel *kernel, abx_parts *parts)
{
    if (!parts->is_elf || !parts->elf.has_pvh) {
        return refuse(parts->image, "it has no PVH note");
    }
    take_elf(kernel, parts, parts->elf.pvh_entry);
    return ABX_OK;
}

static abx_status take_multiboot(abx_kernel *kernel, abx_parts *parts)
{
    if (!parts->is_multiboot) {
        return refuse(parts->image, "it has no Multiboot header");
    }
    if (parts->multiboot.flags & ABX_MULTIBOOT_VIDEO_MODE) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Build it without: there is no display.",
                        "check %s: it asks for a video mode", parts->image->name);
    }
    /* Section 3.1.2: bits 0 to 15 that a loader does not know are a reason to fail. */
    if (parts->multiboot.flags & 0xffff & ~(unsigned)(ABX_MULTIBOOT_PAGE_ALIGN | ABX_MULTIBOOT_MEMORY_INFO)) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "check %s: the flags 0x%x in its Multiboot header",
                        parts->image->name, parts->multiboot.flags);
    }
    kernel->multiboot_flags = parts->multiboot.flags;
    if (parts->multiboot.flags & ABX_MULTIBOOT_ADDRESSES) {
        abx_runs_free(&kernel->runs);
        kernel->info.entry = parts->multiboot.entry_addr;
        return abx_multiboot_header_run(&parts->multiboot, parts->image->size, parts->image->name, &kernel->runs);
    }
    if (!parts->is_elf) {
        return refuse(parts->image, "a Multiboot header without addresses in a file that is no ELF");
    }
    take_elf(kernel, parts, parts->elf.entry);
    return ABX_OK;
}

static abx_status take_kind(abx_kernel *kernel, abx_parts *parts)
{
    switch (kernel->info.kind) {
    case ABX_IMAGE_LINUX:
        return take_linux(kernel, parts);
    case ABX_IMAGE_PVH:
        return take_pvh(kernel, parts);
    case ABX_IMAGE_MULTIBOOT:
        return take_multiboot(kernel, parts);
    case ABX_IMAGE_ELF:
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Give it a PVH note or a Multiboot header.",
                        "open %s as a plain ELF: on x86_64 it does not say how it is entered", parts->image->name);
    default:
        return refuse_unknown(parts);
    }
}

static abx_status check_entry(const abx_kernel *kernel, const abx_source *image)
{
    bool narrow = kernel->info.kind != ABX_IMAGE_LINUX;
    if (!abx_runs_hold(&kernel->runs, kernel->info.entry) || (narrow && kernel->info.entry > UINT32_MAX)) {
        return refuse(image, "its entry point lies outside of it: it is damaged");
    }
    return ABX_OK;
}

abx_status abx_identify_x86_64(abx_kernel *kernel, const abx_source *image, const abx_identify *known)
{
    abx_parts parts = { 0 };
    abx_status status = take_apart(&parts, image);
    if (status == ABX_OK) {
        kernel->info.kind = known->kind == ABX_IMAGE_AUTO ? guess(&parts, known->is_linux) : known->kind;
        status = take_kind(kernel, &parts);
    }
    if (parts.is_elf) {
        abx_elf_free(&parts.elf);
    }
    return status == ABX_OK ? check_entry(kernel, image) : status;
}
