/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pairs of descriptors: close-on-exec, and with numbers that keep clear of the standard ones, which the embedding
 * program may have closed.
 */
#ifndef ABX_SRC_QEMU_DESCRIPTORS_H
#define ABX_SRC_QEMU_DESCRIPTORS_H

/* A pipe: ends[0] is read, ends[1] written. Returns 0 or an errno. */
int abx_open_pipe(int ends[2]);

/* A connected pair of stream sockets. Returns 0 or an errno. */
int abx_open_sockets(int ends[2]);

void abx_close_pair(const int ends[2]);

#endif
