/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions of this header that the library uses, by libmd, which has the same under other names. */
#ifndef TESTS_DARWIN_COMMON_DIGEST_H
#define TESTS_DARWIN_COMMON_DIGEST_H

#include <sys/types.h>

#include <sha2.h>

typedef uint32_t CC_LONG;
typedef SHA2_CTX CC_SHA256_CTX;

static inline int CC_SHA256_Init(CC_SHA256_CTX *context)
{
    SHA256Init(context);
    return 1;
}

static inline int CC_SHA256_Update(CC_SHA256_CTX *context, const void *bytes, CC_LONG length)
{
    SHA256Update(context, bytes, length);
    return 1;
}

static inline int CC_SHA256_Final(unsigned char *digest, CC_SHA256_CTX *context)
{
    SHA256Final(digest, context);
    return 1;
}

#endif
