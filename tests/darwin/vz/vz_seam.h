/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Comes before every source of the backend where failures are injected: what it takes of the C library can fail too. */
#ifndef TESTS_VZ_SEAM_H
#define TESTS_VZ_SEAM_H

#include <fcntl.h>
#include <stdlib.h>

void *vz_seam_calloc(size_t count, size_t size);
void *vz_seam_malloc(size_t size);
int vz_seam_fcntl(int fd, int command, int argument);

#define calloc vz_seam_calloc
#define malloc vz_seam_malloc
#define fcntl  vz_seam_fcntl

#endif
