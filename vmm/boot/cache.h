/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cache of unpacked kernels: <SHA-256 of the packed payload>.kernel, each a header of one page and the image with
 * its holes. So that a second start need not hash, <device-inode-size-times of the packed file>.index is a symbolic
 * link to it. Files appear complete, by renaming, so that any number of programs may work here at once. What is found
 * is checked like any hostile file; nothing here ever makes an open fail.
 */
#ifndef ABX_BOOT_CACHE_H
#define ABX_BOOT_CACHE_H

#include "unpacked.h"

enum {
    ABX_CACHE_HEADER = 4096, /* where the image begins */
    ABX_CACHE_KEY = 64,      /* hexadecimal digits */
    ABX_CACHE_NAME = 160,
};

typedef struct abx_cache {
    int folder;                    /* -1: there is none */
    char index[ABX_CACHE_NAME];    /* "" when the packed file is too new to be told from what it was a moment ago */
    char key[ABX_CACHE_KEY + 1];   /* "" until it is needed */
    char new_file[ABX_CACHE_NAME]; /* "" when there is none */
} abx_cache;

/* Opens the cache for one packed file. `folder` as abx_kernel_options.cache. */
void abx_cache_open(abx_cache *cache, const char *folder, const abx_source *payload);

/* Whether the unpacked payload was there; then the file of `*out` is the caller's. */
bool abx_cache_find(abx_cache *cache, const abx_source *payload, abx_unpacked *out);

/* A new file to unpack to, at ABX_CACHE_HEADER; -1 when there can be none. */
int abx_cache_create(abx_cache *cache, const abx_source *payload);

/* Gives `unpacked`, which is in the new file, its header and its name. The caller keeps the descriptor. */
void abx_cache_keep(abx_cache *cache, const abx_unpacked *unpacked);

/* Removes the new file unless it was kept, and closes the folder. */
void abx_cache_close(abx_cache *cache);

#endif
