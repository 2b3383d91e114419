/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks, as Clang's "Block Implementation Specification" lays them out. */
#ifndef MODEL_BLOCK_H
#define MODEL_BLOCK_H

#include "runtime.h"

/* Takes over a block that was passed to the framework: dies unless it is in order and, where it says, of this
 * signature. */
void *model_block_keep(const void *block, const char *signature);
void model_block_drop(void *block);
/* Calls it, with one object or with two. */
void model_block_call(void *block, id argument);
void model_block_call2(void *block, id first, id second);

#endif
