/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Completion handlers: block literals written by hand, as Clang's "Block Implementation Specification" lays them out.
 * A literal lives on the stack while the message is sent; the framework copies it if it wants to call it later.
 */
#ifndef ABX_SRC_DARWIN_VZ_BLOCK_H
#define ABX_SRC_DARWIN_VZ_BLOCK_H

#include "completion.h"

typedef struct abx_block_descriptor abx_block_descriptor;

typedef struct abx_block {
    void *isa;
    int32_t flags;
    int32_t reserved;
    void (*invoke)(void);
    const abx_block_descriptor *descriptor;
    abx_completion *completion; /* what it captures */
} abx_block;

/* For a handler that takes an NSError, NULL for success. Answers `completion`. End it with abx_block_end(). */
void abx_block_begin(abx_block *block, abx_completion *completion);

/*
 * For a handler that takes a VZVirtioSocketConnection and an NSError. The answer's descriptor is a duplicate of the
 * connection's, because the connection closes its own when it goes.
 */
void abx_block_begin_connection(abx_block *block, abx_completion *completion);

/* After the message is sent: the literal on the stack will not be called any more. */
void abx_block_end(abx_block *block);

#endif
