/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The folder in which unpacked kernels are kept. */
#ifndef ABX_BOOT_CACHE_FOLDER_H
#define ABX_BOOT_CACHE_FOLDER_H

#include <arcbox/base.h>

/* How the names of its files end. */
#define ABX_CACHE_KERNEL "kernel"
#define ABX_CACHE_INDEX  "index"
#define ABX_CACHE_NEW    "new"

/*
 * Opens the cache folder, and makes it (mode 0700) if it is not there. `path` NULL: $XDG_CACHE_HOME/arcbox/kernels or
 * $HOME/.cache/arcbox/kernels. Returns a descriptor, or -1 when there is to be none ("") or none can be used: one that
 * others own or may write to is not. Makes no error record.
 */
int abx_cache_folder_open(const char *path);

/*
 * Bounds the folder: all but the `keep` kernels used last are removed, what an interrupted program left behind, and
 * the index entries of kernels that are gone.
 */
void abx_cache_folder_prune(int folder, size_t keep);

#endif
