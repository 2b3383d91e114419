/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux_version.h"

#include "bytes.h"
#include "elf_format.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 128 * 1024,
    MAX_SECTIONS = 1024,
};

static const char banner[] = "Linux version ";

/* gABI chapter 4, "Sections"; the section named .rodata of an ELF64 file. */
static bool find_rodata(const abx_source *image, uint64_t *offset, uint64_t *length)
{
    Elf64_Ehdr header;
    Elf64_Shdr names;
    if (!abx_source_peek(image, 0, &header, sizeof(header)) || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_shentsize != sizeof(names) || header.e_shnum > MAX_SECTIONS || header.e_shstrndx >= header.e_shnum ||
        !abx_within(header.e_shoff, (uint64_t)header.e_shnum * sizeof(names), image->size)) {
        return false;
    }
    bool found = false;
    size_t size = header.e_shnum * sizeof(Elf64_Shdr);
    Elf64_Shdr *sections = malloc(size);
    if (sections && abx_source_peek(image, header.e_shoff, sections, size)) {
        names = sections[header.e_shstrndx];
        for (size_t i = 0; i < header.e_shnum && !found; i++) {
            char name[sizeof(".rodata")];
            if (abx_within(names.sh_offset, names.sh_size, image->size) &&
                abx_within(sections[i].sh_name, sizeof(name), names.sh_size) &&
                abx_source_peek(image, names.sh_offset + sections[i].sh_name, name, sizeof(name)) &&
                memcmp(name, ".rodata", sizeof(name)) == 0) {
                *offset = sections[i].sh_offset;
                *length = sections[i].sh_size;
                found = abx_within(*offset, *length, image->size);
            }
        }
    }
    free(sections);
    return found;
}

static void copy_line(char version[ABX_LINUX_VERSION], const char *from, size_t length)
{
    size_t count = 0;
    while (count < length && count < ABX_LINUX_VERSION - 1 && from[count] >= ' ' && from[count] <= '~') {
        version[count] = from[count];
        count++;
    }
    version[count] = '\0';
}

void abx_linux_version(const abx_source *image, char version[ABX_LINUX_VERSION])
{
    uint64_t offset, length;
    version[0] = '\0';
    if (!find_rodata(image, &offset, &length)) {
        return;
    }
    size_t size = length < CHUNK ? (size_t)length : CHUNK;
    char *text = malloc(size + 1);
    if (text && abx_source_peek(image, offset, text, size)) {
        const char *at = memmem(text, size, banner, strlen(banner));
        if (at) {
            at += strlen(banner);
            copy_line(version, at, size - (size_t)(at - text));
        }
    }
    free(text);
}

/* Where the banner ends, or 0. */
static uint64_t search_banner(const abx_source *image)
{
    char *chunk = malloc(CHUNK);
    uint64_t found = 0;
    for (uint64_t at = 0; chunk && !found && at < image->size;) {
        uint64_t left = image->size - at;
        size_t size = left < CHUNK ? (size_t)left : CHUNK;
        if (!abx_source_peek(image, at, chunk, size)) {
            break;
        }
        const char *place = memmem(chunk, size, banner, strlen(banner));
        if (place) {
            found = at + (uint64_t)(place - chunk) + strlen(banner);
        }
        at += size < CHUNK ? size : size - strlen(banner); /* it may lie across two chunks */
    }
    free(chunk);
    return found;
}

void abx_linux_version_search(const abx_source *image, char version[ABX_LINUX_VERSION])
{
    char text[ABX_LINUX_VERSION];
    uint64_t at = search_banner(image);
    uint64_t left = image->size - at;
    size_t length = left < sizeof(text) ? (size_t)left : sizeof(text);
    version[0] = '\0';
    if (at > 0 && abx_source_peek(image, at, text, length)) {
        copy_line(version, text, length);
    }
}

bool abx_linux_banner(const abx_source *image)
{
    return search_banner(image) > 0;
}
