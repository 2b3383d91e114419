/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ELF program headers and notes (System V gABI 4.1, chapter 5), 32 and 64 bits, little-endian; all checked. */
#ifndef ABX_BOOT_ELF_IMAGE_H
#define ABX_BOOT_ELF_IMAGE_H

#include "runs.h"
#include "source.h"

enum {
    ABX_ELF_I386 = 3, /* e_machine */
    ABX_ELF_X86_64 = 62,
    ABX_ELF_AARCH64 = 183,
};

typedef struct abx_elf {
    uint16_t machine;
    bool wide;     /* ELF64 */
    abx_gpa entry; /* physical: a virtual e_entry is translated. It need not lie in a run */
    abx_runs runs; /* PT_LOAD at their physical addresses */
    bool is_linux; /* has a note of Linux's own */
    bool has_pvh;
    abx_gpa pvh_entry;
} abx_elf;

/* Whether an image begins like an ELF file. */
bool abx_elf_is(const uint8_t *head, size_t length);

/* Reads headers and notes of `image`, which is for `arch`; on success `*out` is the caller's: abx_elf_free(). Errors:
 * ABX_ERR_FORMAT (not ELF, truncated, inconsistent, not little-endian, of another machine), ABX_ERR_NO_MEMORY,
 * ABX_ERR_SYSTEM. */
abx_status abx_elf_parse(abx_elf *out, const abx_source *image, abx_arch arch) ABX_MUST_CHECK;

void abx_elf_free(abx_elf *elf);

#endif
