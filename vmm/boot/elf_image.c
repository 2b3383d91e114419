/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "elf_image.h"

#include "bytes.h"
#include "elf_format.h"
#include "foreign.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_HEADERS = 128,     /* kernels have about five */
    MAX_NOTES = 64 * 1024, /* bytes; Linux has 512 */
    XEN_PHYS32_ENTRY = 18, /* Xen public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY */
    NOTE_HEADER = 12,      /* n_namesz, n_descsz, n_type */
};

/* One program header, of either class. */
typedef struct abx_elf_segment {
    uint32_t type;
    uint64_t offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t align;
} abx_elf_segment;

#define FIELD(raw, type, member) abx_get_le((raw) + offsetof(type, member), sizeof(((type *)0)->member))

static abx_elf_segment read_segment(const uint8_t *raw, bool wide)
{
    if (wide) {
        return (abx_elf_segment){ .type = (uint32_t)FIELD(raw, Elf64_Phdr, p_type),
                                  .offset = FIELD(raw, Elf64_Phdr, p_offset),
                                  .vaddr = FIELD(raw, Elf64_Phdr, p_vaddr),
                                  .paddr = FIELD(raw, Elf64_Phdr, p_paddr),
                                  .filesz = FIELD(raw, Elf64_Phdr, p_filesz),
                                  .memsz = FIELD(raw, Elf64_Phdr, p_memsz),
                                  .align = FIELD(raw, Elf64_Phdr, p_align) };
    }
    return (abx_elf_segment){ .type = (uint32_t)FIELD(raw, Elf32_Phdr, p_type),
                              .offset = FIELD(raw, Elf32_Phdr, p_offset),
                              .vaddr = FIELD(raw, Elf32_Phdr, p_vaddr),
                              .paddr = FIELD(raw, Elf32_Phdr, p_paddr),
                              .filesz = FIELD(raw, Elf32_Phdr, p_filesz),
                              .memsz = FIELD(raw, Elf32_Phdr, p_memsz),
                              .align = FIELD(raw, Elf32_Phdr, p_align) };
}

static abx_status damaged(const abx_source *image, const char *what)
{
    return abx_fail(ABX_ERR_FORMAT, 0, "The file is truncated or damaged.", "check %s: %s", image->name, what);
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

static void take_note(abx_elf *elf, const uint8_t *name, uint32_t name_size, uint32_t type, const uint8_t *desc,
                      uint32_t desc_size)
{
    if (name_size == sizeof("Linux") && memcmp(name, "Linux", sizeof("Linux")) == 0) {
        elf->is_linux = true;
    }
    if (name_size == sizeof("Xen") && memcmp(name, "Xen", sizeof("Xen")) == 0 && type == XEN_PHYS32_ENTRY &&
        (desc_size == 4 || desc_size == 8)) {
        elf->has_pvh = true;
        elf->pvh_entry = abx_get_le(desc, desc_size);
    }
}

/* gABI chapter 5, "Note Section". What does not fit the segment ends the list. */
static void walk_notes(abx_elf *elf, const uint8_t *notes, uint64_t size, uint64_t alignment)
{
    uint64_t at = 0;
    while (abx_within(at, NOTE_HEADER, size)) {
        uint32_t name_size = abx_get_le32(notes + at);
        uint32_t desc_size = abx_get_le32(notes + at + 4);
        uint32_t type = abx_get_le32(notes + at + 8);
        uint64_t name = at + NOTE_HEADER;
        uint64_t desc = align_up(name + name_size, alignment);
        if (!abx_within(name, name_size, size) || !abx_within(desc, desc_size, size)) {
            return;
        }
        take_note(elf, notes + name, name_size, type, notes + desc, desc_size);
        at = align_up(desc + desc_size, alignment);
    }
}

static abx_status read_notes(abx_elf *elf, const abx_source *image, const abx_elf_segment *segment)
{
    uint64_t size = segment->filesz < MAX_NOTES ? segment->filesz : MAX_NOTES;
    if (!abx_within(segment->offset, segment->filesz, image->size)) {
        return damaged(image, "the notes lie beyond the end of the file");
    }
    uint8_t *notes = malloc(size + 1);
    if (!notes) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "read the notes of %s", image->name);
    }
    abx_status status = abx_source_read(image, segment->offset, notes, size);
    if (status == ABX_OK) {
        walk_notes(elf, notes, size, segment->align == 8 ? 8 : 4);
    }
    free(notes);
    return status;
}

/* e_entry as a physical address: some kernels give it so, some as a virtual one. */
static void translate_entry(abx_elf *elf, const abx_elf_segment *loads, size_t count)
{
    if (abx_runs_hold(&elf->runs, elf->entry)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (elf->entry >= loads[i].vaddr && elf->entry - loads[i].vaddr < loads[i].memsz) {
            elf->entry = loads[i].paddr + (elf->entry - loads[i].vaddr);
            return;
        }
    }
}

/* A vmlinux for arm64 names no physical addresses: they are up to who loads its Image. */
static abx_status refuse_virtual(const abx_source *image)
{
    return abx_fail(ABX_ERR_FORMAT, 0, "Of a Linux kernel give the Image of the same build.",
                    "check %s: it is linked to virtual addresses alone", image->name);
}

static abx_status read_segments(abx_elf *elf, const abx_source *image, const uint8_t *raw, size_t count, size_t stride)
{
    abx_elf_segment loads[MAX_HEADERS];
    size_t load_count = 0;
    for (size_t i = 0; i < count; i++) {
        abx_elf_segment segment = read_segment(raw + i * stride, elf->wide);
        abx_status status = ABX_OK;
        if (segment.type == PT_LOAD) {
            abx_run run = { .gpa = segment.paddr,
                            .offset = segment.offset,
                            .file_length = segment.filesz,
                            .memory_length = segment.memsz };
            loads[load_count++] = segment;
            status = elf->machine == EM_AARCH64 && segment.paddr >> 63
                         ? refuse_virtual(image)
                         : abx_runs_add(&elf->runs, &run, image->size, image->name);
        } else if (segment.type == PT_NOTE) {
            status = read_notes(elf, image, &segment);
        }
        if (status != ABX_OK) {
            return status;
        }
    }
    if (elf->runs.count == 0) {
        return damaged(image, "it has nothing to load");
    }
    translate_entry(elf, loads, load_count);
    return ABX_OK;
}

static abx_status read_program_headers(abx_elf *elf, const abx_source *image, uint64_t offset, uint64_t count,
                                       uint64_t stride)
{
    if (stride != (elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || count == 0 || count > MAX_HEADERS) {
        return damaged(image, "the number or the size of its program headers");
    }
    uint8_t *raw = malloc(count * stride);
    if (!raw) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "read the program headers of %s", image->name);
    }
    abx_status status = abx_source_read(image, offset, raw, count * stride);
    if (status == ABX_OK) {
        status = read_segments(elf, image, raw, count, stride);
    }
    free(raw);
    return status;
}

bool abx_elf_is(const uint8_t *head, size_t length)
{
    return length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static abx_status check_header(const abx_source *image, abx_arch arch, const uint8_t *header, uint64_t length)
{
    if (!abx_elf_is(header, length) || length < sizeof(Elf32_Ehdr) ||
        (header[EI_CLASS] != ELFCLASS32 && header[EI_CLASS] != ELFCLASS64) ||
        (header[EI_CLASS] == ELFCLASS64 && length < sizeof(Elf64_Ehdr))) {
        return damaged(image, "it is no complete ELF header");
    }
    unsigned type = (unsigned)FIELD(header, Elf64_Ehdr, e_type);
    uint16_t machine = (uint16_t)FIELD(header, Elf64_Ehdr, e_machine);
    const char *foreign = abx_foreign_machine(arch, machine, header[EI_DATA] == ELFDATA2MSB);
    if (foreign) {
        return abx_foreign_fail(arch, image->name, foreign);
    }
    if (machine != EM_386 && header[EI_CLASS] != ELFCLASS64) {
        return damaged(image, "it is for an ABI with pointers of 32 bits");
    }
    if (type != ET_EXEC && type != ET_DYN) {
        return damaged(image, "it is no executable");
    }
    return ABX_OK;
}

abx_status abx_elf_parse(abx_elf *out, const abx_source *image, abx_arch arch)
{
    uint8_t header[sizeof(Elf64_Ehdr)] = { 0 };
    uint64_t length = image->size < sizeof(header) ? image->size : sizeof(header);
    abx_status status = abx_source_read(image, 0, header, length);
    if (status == ABX_OK) {
        status = check_header(image, arch, header, length);
    }
    if (status != ABX_OK) {
        return status;
    }
    abx_elf elf = { .machine = (uint16_t)FIELD(header, Elf64_Ehdr, e_machine), .wide = header[EI_CLASS] == ELFCLASS64 };
    if (elf.wide) {
        elf.entry = FIELD(header, Elf64_Ehdr, e_entry);
        status = read_program_headers(&elf, image, FIELD(header, Elf64_Ehdr, e_phoff),
                                      FIELD(header, Elf64_Ehdr, e_phnum), FIELD(header, Elf64_Ehdr, e_phentsize));
    } else {
        elf.entry = FIELD(header, Elf32_Ehdr, e_entry);
        status = read_program_headers(&elf, image, FIELD(header, Elf32_Ehdr, e_phoff),
                                      FIELD(header, Elf32_Ehdr, e_phnum), FIELD(header, Elf32_Ehdr, e_phentsize));
    }
    if (status != ABX_OK) {
        abx_elf_free(&elf);
        return status;
    }
    *out = elf;
    return ABX_OK;
}

void abx_elf_free(abx_elf *elf)
{
    abx_runs_free(&elf->runs);
}
