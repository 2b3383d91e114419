/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* bzImage: the setup header and the packed payload (Linux x86 boot protocol, Documentation/arch/x86/boot.rst). */
#ifndef ABX_BOOT_BZIMAGE_H
#define ABX_BOOT_BZIMAGE_H

#include "../source.h"

enum {
    ABX_SETUP_HEADER = 0x1f1, /* where the setup header is, in the image and in boot_params */
    ABX_SETUP_HEADER_END = 0x290,
};

/* A setup header as it goes into boot_params. */
typedef struct abx_setup_header {
    uint8_t bytes[ABX_SETUP_HEADER_END - ABX_SETUP_HEADER]; /* zeros behind its end */
} abx_setup_header;

typedef struct abx_bzimage {
    abx_setup_header header;
    uint64_t payload_offset;
    uint64_t payload_length;
    char version[128]; /* "6.1.0 (builder@host) #1 SMP …"; "" when it has none */
} abx_bzimage;

/* Whether an image begins like a bzImage. */
bool abx_bzimage_is(const uint8_t *head, size_t length);

/* Reads and checks the header. Errors: ABX_ERR_FORMAT (truncated, inconsistent, older than protocol 2.12, without
 * 64-bit entry), ABX_ERR_SYSTEM. */
abx_status abx_bzimage_parse(abx_bzimage *out, const abx_source *image) ABX_MUST_CHECK;

/* The header for a vmlinux that came without one. */
void abx_setup_header_default(abx_setup_header *out);

/* The longest command line, without its zero, and the last address that an initrd may have. */
uint32_t abx_setup_header_cmdline_max(const abx_setup_header *header);
uint32_t abx_setup_header_initrd_max(const abx_setup_header *header);

#endif
