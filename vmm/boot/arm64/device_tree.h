/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What boot adds to the machine's device tree: memory and /chosen. */
#ifndef ABX_BOOT_ARM64_DEVICE_TREE_H
#define ABX_BOOT_ARM64_DEVICE_TREE_H

#include "../guest_map.h"

typedef struct abx_chosen {
    const char *cmdline;
    abx_gpa initrd;
    uint64_t initrd_length; /* 0: there is none */
} abx_chosen;

/* How much room to give a tree of `size` bytes for what is added to it. */
size_t abx_device_tree_room(size_t size, const abx_guest_map *map, const char *cmdline);

/*
 * Copies `tree` to `out`, aligned to 8 bytes, which has room for `capacity`, and adds the map's RAM in place of memory
 * that may be there, the command line unless it is empty, the initrd, and seeds of random numbers. Errors:
 * ABX_ERR_FORMAT (no device tree, damaged, not with two cells each for addresses and sizes), ABX_ERR_LIMIT (no room).
 */
abx_status abx_device_tree_complete(void *out, size_t capacity, const void *tree, size_t size, const abx_guest_map *map,
                                    const abx_chosen *chosen) ABX_MUST_CHECK;

#endif
