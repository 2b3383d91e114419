/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's own threads: small, and no place for the program's signals. */
#ifndef ABX_VMM_THREAD_H
#define ABX_VMM_THREAD_H

#include <arcbox/error.h>

#include <pthread.h>

/*
 * Starts a thread with a small stack in which all signals are blocked. `name` has at most 15 bytes. Errors:
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM.
 */
abx_status abx_thread_start(pthread_t *thread, void *(*body)(void *), void *argument, const char *name);

#endif
