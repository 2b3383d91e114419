/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * C values as Foundation's objects and back. All objects made here belong to the autorelease pool that is in place, and
 * so do strings taken out of objects: whoever keeps something retains or copies it.
 */
#ifndef ABX_SRC_DARWIN_VZ_FOUNDATION_H
#define ABX_SRC_DARWIN_VZ_FOUNDATION_H

#include "objc_abi.h"

/* NULL when `text` is NULL or not UTF-8. */
id abx_ns_string(const char *text);

/* The file URL of `path`. NULL when that is NULL, empty or not UTF-8: the framework raises at URLs that are none. */
id abx_ns_file_url(const char *path);

/* "" for NULL. */
const char *abx_ns_text(id string);

id abx_ns_array(const id *objects, size_t count);

/* A file handle that leaves the descriptor open in the end; NULL for -1. */
id abx_ns_file_handle(int fd);

/* The first element, NULL when there is none. */
id abx_ns_first(id array);

#endif
