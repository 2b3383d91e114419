/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Paths of the configuration, checked before the framework sees them: it raises at what is no file's URL. */
#ifndef ABX_SRC_DARWIN_VZ_PATH_H
#define ABX_SRC_DARWIN_VZ_PATH_H

#include "objc_abi.h"

#include <arcbox/error.h>

#include <sys/types.h>

/*
 * The URL of a file that can be opened with these flags and is of one of these types (S_IFREG, S_IFBLK, S_IFDIR; 0:
 * none). `what` names it in errors. `*fd` (may be NULL) gets the open descriptor, which is the caller's. Errors:
 * ABX_ERR_INVALID (not UTF-8), ABX_ERR_FORMAT (of another type), those of open(2).
 */
abx_status abx_vz_path_url(id *url, const char *path, const char *what, int flags, mode_t type, mode_t or_type,
                           int *fd);

#endif
