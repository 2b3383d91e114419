/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The answer that a completion handler brings, and somebody who waits for it. The handler may come on any thread, late,
 * or never; the one who waits may lose patience first. The last of them frees it.
 */
#ifndef ABX_SRC_DARWIN_VZ_COMPLETION_H
#define ABX_SRC_DARWIN_VZ_COMPLETION_H

#include "fault.h"

typedef struct abx_completion abx_completion;

/* On success `*out` is the caller's: abx_completion_release(). */
abx_status abx_completion_new(abx_completion **out);
void abx_completion_release(abx_completion *completion);

/*
 * One more handler, and one less. When the last of them goes without an answer, none will come: then the answer is
 * ABX_ERR_LOST.
 */
void abx_completion_add_handler(abx_completion *completion);
void abx_completion_drop_handler(abx_completion *completion);

/* Answers; only the first answer counts. Takes `fd`, -1 for none. */
void abx_completion_answer(abx_completion *completion, const abx_vz_fault *fault, int fd);

/*
 * Waits for the answer, at most `timeout_ms`, for ever when that is negative. `*fd` (may be NULL) gets the descriptor
 * that came with it and is the caller's. A later answer is thrown away, its descriptor closed. The fault is
 * ABX_ERR_TIMEOUT when the time is up. At most once.
 */
void abx_completion_wait(abx_completion *completion, int timeout_ms, abx_vz_fault *fault, int *fd);

#endif
