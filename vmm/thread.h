/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine's own threads: small, and no place for the program's signals. */
#ifndef ABX_VMM_THREAD_H
#define ABX_VMM_THREAD_H

#include <arcbox/error.h>

#include <pthread.h>

/*
 * Starts a thread with a small stack in which all signals are blocked. `name` is for errors. Errors:
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM.
 */
abx_status abx_thread_start(pthread_t *thread, void *(*body)(void *), void *argument, const char *name);

/* Names the calling thread, for debuggers and process lists: at most 15 bytes. */
void abx_thread_set_name(const char *name);

#endif
