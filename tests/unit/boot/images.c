/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include <elf.h>

enum {
    NOTES_OFFSET = 0x400,
    STRINGS_OFFSET = 0x600,
    SECTIONS_OFFSET = 0x700,
    MULTIBOOT_OFFSET = 0x900,
    BZ_SECTORS = 4,
    BZ_HEADER_END = 0x26c,
};

const image_elf image_linux = {
    .machine = EM_X86_64,
    .entry = 0x1000040,
    .segments = { { .paddr = 0x1000000,
                    .vaddr = 0xffffffff81000000,
                    .file_length = 0xa0000,
                    .zeros = 0x55000,
                    .memory_length = 0xa0000 },
                  { .paddr = 0x1200000, .vaddr = 0xffffffff81200000, .file_length = 0x3000, .memory_length = 0x8000 } },
    .linux_note = true,
    .pvh_entry = 0x1000080,
    .banner = "Linux version 6.1.0-test (builder@host) #1 SMP\n",
};

const image_arm64 image_arm64_linux = {
    .image_size = 0x200000,
    .flags = 0xa, /* little-endian, pages of 4 KiB, anywhere */
    .length = 0x150000,
    .zeros = 0x61000,
    .banner = "Linux version 6.1.0-arm64 (builder@host) #1 SMP\n",
};

static void put_header(blob *b, const image_elf *elf, unsigned headers)
{
    uint8_t ident[EI_NIDENT] = { 0x7f, 'E', 'L', 'F', elf->narrow ? ELFCLASS32 : ELFCLASS64, ELFDATA2LSB, EV_CURRENT };
    blob_put(b, 0, ident, sizeof(ident));
    if (elf->narrow) {
        Elf32_Ehdr header = { .e_type = ET_EXEC,
                              .e_machine = elf->machine,
                              .e_version = EV_CURRENT,
                              .e_entry = (Elf32_Addr)elf->entry,
                              .e_phoff = sizeof(header),
                              .e_ehsize = sizeof(header),
                              .e_phentsize = sizeof(Elf32_Phdr),
                              .e_phnum = (Elf32_Half)headers };
        blob_put(b, EI_NIDENT, (uint8_t *)&header + EI_NIDENT, sizeof(header) - EI_NIDENT);
        return;
    }
    Elf64_Ehdr header = { .e_type = ET_EXEC,
                          .e_machine = elf->machine,
                          .e_version = EV_CURRENT,
                          .e_entry = elf->entry,
                          .e_phoff = sizeof(header),
                          .e_ehsize = sizeof(header),
                          .e_phentsize = sizeof(Elf64_Phdr),
                          .e_phnum = (Elf64_Half)headers };
    if (elf->banner) {
        header.e_shoff = SECTIONS_OFFSET;
        header.e_shentsize = sizeof(Elf64_Shdr);
        header.e_shnum = 3;
        header.e_shstrndx = 1;
    }
    blob_put(b, EI_NIDENT, (uint8_t *)&header + EI_NIDENT, sizeof(header) - EI_NIDENT);
}

static void put_program_header(blob *b, const image_elf *elf, unsigned index, uint32_t type, uint64_t offset,
                               const image_segment *segment)
{
    if (elf->narrow) {
        Elf32_Phdr header = { .p_type = type,
                              .p_offset = (Elf32_Off)offset,
                              .p_vaddr = (Elf32_Addr)segment->vaddr,
                              .p_paddr = (Elf32_Addr)segment->paddr,
                              .p_filesz = (Elf32_Word)segment->file_length,
                              .p_memsz = (Elf32_Word)segment->memory_length,
                              .p_align = 4 };
        blob_put(b, sizeof(Elf32_Ehdr) + index * sizeof(header), &header, sizeof(header));
        return;
    }
    Elf64_Phdr header = { .p_type = type,
                          .p_offset = offset,
                          .p_vaddr = segment->vaddr,
                          .p_paddr = segment->paddr,
                          .p_filesz = segment->file_length,
                          .p_memsz = segment->memory_length,
                          .p_align = 4 };
    blob_put(b, sizeof(Elf64_Ehdr) + index * sizeof(header), &header, sizeof(header));
}

static size_t put_note(blob *b, size_t at, const char *name, uint32_t type, const void *desc, uint32_t desc_size)
{
    uint32_t name_size = (uint32_t)strlen(name) + 1;
    blob_put_le(b, at, 4, name_size);
    blob_put_le(b, at + 4, 4, desc_size);
    blob_put_le(b, at + 8, 4, type);
    blob_put(b, at + 12, name, name_size);
    size_t where = at + 12 + ((name_size + 3) & ~3u);
    blob_put(b, where, desc, desc_size);
    return where + ((desc_size + 3) & ~3u);
}

static size_t put_notes(blob *b, const image_elf *elf)
{
    size_t at = NOTES_OFFSET;
    at = put_note(b, at, "GNU", 3, "0123456789abcdefghi", 20);
    if (elf->linux_note) {
        at = put_note(b, at, "Linux", 0x101, "\0\0\0", 4);
    }
    if (elf->pvh_entry) {
        uint8_t desc[8];
        abx_put_le64(desc, elf->pvh_entry);
        at = put_note(b, at, "Xen", 18, desc, elf->narrow ? 4 : 8);
    }
    return at - NOTES_OFFSET;
}

static void put_sections(blob *b, const char *banner, uint64_t rodata)
{
    static const char strings[] = "\0.shstrtab\0.rodata";
    Elf64_Shdr names = { .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = STRINGS_OFFSET, .sh_size = sizeof(strings) };
    Elf64_Shdr text = { .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = rodata, .sh_size = strlen(banner) + 1 };
    blob_put(b, STRINGS_OFFSET, strings, sizeof(strings));
    blob_put(b, SECTIONS_OFFSET + sizeof(names), &names, sizeof(names));
    blob_put(b, SECTIONS_OFFSET + 2 * sizeof(names), &text, sizeof(text));
}

static void put_multiboot(blob *b)
{
    const uint32_t magic = 0x1badb002;
    const uint32_t flags = 3;
    blob_put_le(b, MULTIBOOT_OFFSET, 4, magic);
    blob_put_le(b, MULTIBOOT_OFFSET + 4, 4, flags);
    blob_put_le(b, MULTIBOOT_OFFSET + 8, 4, 0u - (magic + flags));
}

blob image_make_elf(const image_elf *elf)
{
    blob b = { 0 };
    unsigned count = 0;
    size_t offset = IMAGE_SEGMENT_OFFSET;
    for (; count < IMAGE_SEGMENTS && elf->segments[count].memory_length > 0; count++) {
        const image_segment *segment = &elf->segments[count];
        put_program_header(&b, elf, count, PT_LOAD, offset, segment);
        blob_noise(&b, offset, segment->file_length - segment->zeros, count + 1);
        blob_resize(&b, offset + segment->file_length);
        offset += (segment->file_length + 0xfff) & ~(size_t)0xfff;
    }
    size_t notes = put_notes(&b, elf);
    image_segment segment = { .file_length = notes, .memory_length = notes };
    put_program_header(&b, elf, count, PT_NOTE, NOTES_OFFSET, &segment);
    put_header(&b, elf, count + 1);
    if (elf->banner) {
        blob_put(&b, IMAGE_SEGMENT_OFFSET + 0x100, elf->banner, strlen(elf->banner) + 1);
        put_sections(&b, elf->banner, IMAGE_SEGMENT_OFFSET + 0x100);
    }
    if (elf->multiboot) {
        put_multiboot(&b);
    }
    return b;
}

blob image_make_bzimage(const blob *payload)
{
    static const char version[] = "6.1.0-setup (builder@host) #1 SMP";
    const size_t before = 0x2cc; /* of the payload in the protected mode part */
    blob b = { 0 };
    size_t at = (BZ_SECTORS + 1) * 512 + before;
    blob_put_le(&b, 0x1f1, 1, BZ_SECTORS);
    blob_put_le(&b, 0x1fe, 2, 0xaa55);
    blob_put_le(&b, 0x200, 1, 0xeb);
    blob_put_le(&b, 0x201, 1, BZ_HEADER_END - 0x202);
    blob_put(&b, 0x202, "HdrS", 4);
    blob_put_le(&b, 0x206, 2, 0x020f);
    blob_put_le(&b, 0x20e, 2, 0x400);
    blob_put_le(&b, 0x211, 1, 0x01);
    blob_put_le(&b, 0x22c, 4, 0x7fffffff);
    blob_put_le(&b, 0x230, 4, 0x200000);
    blob_put_le(&b, 0x236, 2, 0x7f);
    blob_put_le(&b, 0x238, 4, 2047);
    blob_put_le(&b, 0x248, 4, before);
    blob_put_le(&b, 0x24c, 4, payload->size);
    blob_put_le(&b, 0x258, 8, 0x1000000);
    blob_put_le(&b, 0x260, 4, 0x400000);
    blob_put(&b, BZ_HEADER_END, "code behind the header", 22);
    blob_put(&b, 0x600, version, sizeof(version));
    blob_put(&b, at, payload->data, payload->size);
    blob_resize(&b, b.size + 0x100);
    return b;
}

blob image_make_arm64(const image_arm64 *image)
{
    blob b = { 0 };
    blob_noise(&b, 64, image->length - 64 - image->zeros, 3);
    blob_resize(&b, image->length);
    blob_put_le(&b, 0, 4, 0xfa405a4d); /* "MZ", as code */
    blob_put_le(&b, 8, 8, image->text_offset);
    blob_put_le(&b, 16, 8, image->image_size);
    blob_put_le(&b, 24, 8, image->flags);
    blob_put(&b, 56, "ARM\x64", 4);
    if (image->banner) {
        blob_put(&b, 0x20000, image->banner, strlen(image->banner) + 1);
    }
    return b;
}

blob image_make_zboot(const blob *payload, const char *compression, bool size_appended)
{
    const size_t offset = 0x1234;
    blob b = { 0 };
    blob_put(&b, 0, "MZ\0\0zimg", 8);
    blob_put_le(&b, 8, 4, offset);
    blob_put_le(&b, 12, 4, payload->size - (size_appended ? 4 : 0));
    blob_put(&b, 24, compression, strlen(compression) + 1);
    blob_put(&b, 56, "\xcd\x23\x82\x81", 4); /* LINUX_PE_MAGIC */
    blob_noise(&b, 64, offset - 64, 8);
    blob_put(&b, offset, payload->data, payload->size);
    blob_noise(&b, b.size, 0x300, 9);
    return b;
}
