/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SHA-256 (FIPS 180-4), by the library that the operating system has for it: sha256_<system>.c. */
#ifndef ABX_VMM_BOOT_SHA256_H
#define ABX_VMM_BOOT_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { ABX_SHA256_DIGEST = 32 };

typedef struct abx_sha256 {
    uint64_t state[32]; /* room for that library's own structure */
} abx_sha256;

void abx_sha256_begin(abx_sha256 *sha256);
void abx_sha256_add(abx_sha256 *sha256, const void *bytes, size_t length);
void abx_sha256_end(abx_sha256 *sha256, uint8_t digest[ABX_SHA256_DIGEST]);

#endif
