/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernel images made up in memory. */
#ifndef TESTS_BOOT_IMAGES_H
#define TESTS_BOOT_IMAGES_H

#include "boot_test.h"

#include <arcbox/boot.h>

/* Options to open kernels for one architecture, whatever the host's is. */
#define OPTIONS_FOR(arch_)                                                                                             \
    {                                                                                                                  \
        .size = sizeof(abx_kernel_options), .arch = (arch_)                                                            \
    }

typedef struct image_segment {
    uint64_t paddr;
    uint64_t vaddr;
    size_t file_length; /* noise */
    size_t zeros;       /* as many of these at their end are zeros in the file */
    uint64_t memory_length;
} image_segment;

enum { IMAGE_SEGMENTS = 4 };

typedef struct image_elf {
    bool narrow; /* ELF32 */
    uint16_t machine;
    uint64_t entry;
    image_segment segments[IMAGE_SEGMENTS]; /* up to the first without memory_length */
    bool linux_note;
    uint64_t pvh_entry; /* 0: no note */
    const char *banner; /* text of .rodata, with section headers to find it by */
    bool multiboot;     /* a header in front of the first segment */
} image_elf;

/* A 64-bit Linux of two segments at 16 MiB, with holes, notes and a banner. */
extern const image_elf image_linux;

blob image_make_elf(const image_elf *elf);

/* Where in the file the image's first segment begins. */
enum { IMAGE_SEGMENT_OFFSET = 0x1000 };

/* A bzImage around a packed payload (to which the unpacked size has been appended where Linux does so). */
blob image_make_bzimage(const blob *payload);

/* An Image for arm64. */
typedef struct image_arm64 {
    uint64_t text_offset;
    uint64_t image_size; /* as in the header: 0 for old kernels */
    uint64_t flags;
    size_t length; /* of the file; from the header on noise */
    size_t zeros;  /* as many of these at its end are zeros */
    const char *banner;
} image_arm64;

/* One at the beginning of RAM, with holes and zeros behind it. */
extern const image_arm64 image_arm64_linux;

blob image_make_arm64(const image_arm64 *image);

/* The EFI zboot wrapper around a packed payload, to which the unpacked size has been appended where Linux does so. */
blob image_make_zboot(const blob *payload, const char *compression, bool size_appended);

typedef enum image_packing {
    PACK_GZIP,
    PACK_XZ,
    PACK_LZMA,
    PACK_ZSTD,
    PACK_LZ4,
    PACK_LZ4_LEGACY,
    PACK_COUNT,
} image_packing;

extern const char *const image_packing_names[PACK_COUNT];

blob image_pack(const blob *plain, image_packing packing);

/* As Linux's build does it: with the unpacked size behind it, but for gzip. */
blob image_pack_linux(const blob *plain, image_packing packing);

#endif
