/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sha256.h"

#include <sys/types.h>

#include <sha2.h>

_Static_assert(sizeof(SHA2_CTX) <= sizeof(abx_sha256), "the library's structure has room");

void abx_sha256_begin(abx_sha256 *sha256)
{
    SHA256Init((SHA2_CTX *)sha256);
}

void abx_sha256_add(abx_sha256 *sha256, const void *bytes, size_t length)
{
    SHA256Update((SHA2_CTX *)sha256, bytes, length);
}

void abx_sha256_end(abx_sha256 *sha256, uint8_t digest[ABX_SHA256_DIGEST])
{
    SHA256Final(digest, (SHA2_CTX *)sha256);
}
