/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The header by which a kernel tells that it is a Multiboot one (Multiboot 0.6.96, section 3.1). */
#ifndef ABX_BOOT_MULTIBOOT_HEADER_H
#define ABX_BOOT_MULTIBOOT_HEADER_H

#include "../runs.h"

enum {
    ABX_MULTIBOOT_SEARCH = 8192, /* the header lies within the first so many bytes */
    ABX_MULTIBOOT_PAGE_ALIGN = 1 << 0,
    ABX_MULTIBOOT_MEMORY_INFO = 1 << 1,
    ABX_MULTIBOOT_VIDEO_MODE = 1 << 2,
    ABX_MULTIBOOT_ADDRESSES = 1 << 16,
};

typedef struct abx_multiboot_header {
    uint32_t offset; /* in the image */
    uint32_t flags;
    /* With ABX_MULTIBOOT_ADDRESSES, section 3.1.3. */
    uint32_t header_addr;
    uint32_t load_addr;
    uint32_t load_end_addr;
    uint32_t bss_end_addr;
    uint32_t entry_addr;
} abx_multiboot_header;

/* Looks for the header in the first bytes of an image, at most ABX_MULTIBOOT_SEARCH. */
bool abx_multiboot_header_find(abx_multiboot_header *out, const uint8_t *head, size_t length);

/* Whether there is a header of Multiboot 2 instead. */
bool abx_multiboot_header_is_2(const uint8_t *head, size_t length);

/* The run that the addresses of the header describe. Errors: ABX_ERR_FORMAT, ABX_ERR_NO_MEMORY. */
abx_status abx_multiboot_header_run(const abx_multiboot_header *header, uint64_t image_size, const char *name,
                                    abx_runs *runs) ABX_MUST_CHECK;

#endif
