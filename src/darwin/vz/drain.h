/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The thread that drains a VM's consoles. */
#ifndef ABX_SRC_DARWIN_VZ_DRAIN_H
#define ABX_SRC_DARWIN_VZ_DRAIN_H

#include <arcbox/error.h>

typedef struct abx_vz_drain abx_vz_drain;

/* For up to `capacity` consoles. On success `*out` is the caller's: abx_vz_drain_free(). */
abx_status abx_vz_drain_new(abx_vz_drain **out, size_t capacity);

/* One more console, before the start. What comes in at `*guest_fd`, which is the caller's, goes out at `output_fd`. */
abx_status abx_vz_drain_add(abx_vz_drain *drain, int output_fd, int *guest_fd);

abx_status abx_vz_drain_start(abx_vz_drain *drain);

/* Returns when all that has come in so far has gone out, as far as the readers take it. After the start. NULL is
 * allowed. */
void abx_vz_drain_flush(abx_vz_drain *drain);

/* Flushes, and ends. NULL is allowed. */
void abx_vz_drain_free(abx_vz_drain *drain);

#endif
