/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sha256.h"

#include <CommonCrypto/CommonDigest.h>

_Static_assert(sizeof(CC_SHA256_CTX) <= sizeof(abx_sha256), "the library's structure has room");

void abx_sha256_begin(abx_sha256 *sha256)
{
    CC_SHA256_Init((CC_SHA256_CTX *)sha256);
}

/* The library counts in 32 bits: more than that at once is not asked for. */
void abx_sha256_add(abx_sha256 *sha256, const void *bytes, size_t length)
{
    CC_SHA256_Update((CC_SHA256_CTX *)sha256, bytes, (CC_LONG)length);
}

void abx_sha256_end(abx_sha256 *sha256, uint8_t digest[ABX_SHA256_DIGEST])
{
    CC_SHA256_Final(digest, (CC_SHA256_CTX *)sha256);
}
