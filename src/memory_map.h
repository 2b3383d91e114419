/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The map of guest memory: an array of regions sorted by address that never changes once it is published. Adding and
 * removing make a new one. Regions themselves are shared by the maps that name them.
 */
#ifndef ABX_SRC_MEMORY_MAP_H
#define ABX_SRC_MEMORY_MAP_H

#include "memory_region.h"

/* What a lookup needs, in half a cache line. */
typedef struct abx_memory_entry {
    abx_gpa gpa;
    uint64_t length; /* not 0; gpa + length is at most 2^64 */
    uint8_t *host;
    abx_region *region;
} abx_memory_entry;

typedef struct abx_memory_map {
    struct abx_memory_map *next; /* among the maps that wait to be freed; the only member that changes */
    size_t count;
    abx_memory_entry entries[];
} abx_memory_map;

/* NULL: no memory. */
abx_memory_map *abx_memory_map_new(void);
abx_memory_map *abx_memory_map_with(const abx_memory_map *map, abx_region *region);
abx_memory_map *abx_memory_map_without(const abx_memory_map *map, const abx_region *region);

/* Frees a list of maps linked by `next`; no regions. */
void abx_memory_map_free_list(abx_memory_map *maps);

/* The entry that holds `gpa`; NULL when there is none. */
const abx_memory_entry *abx_memory_map_find(const abx_memory_map *map, abx_gpa gpa);

/* The first entry that has a byte of [gpa, gpa + length) in it; NULL when there is none. The range is not empty and
 * ends at 2^64 at the latest. */
const abx_memory_entry *abx_memory_map_overlap(const abx_memory_map *map, abx_gpa gpa, uint64_t length);

/* The entry that begins where `entry` ends; NULL when there is none. */
const abx_memory_entry *abx_memory_map_adjoining(const abx_memory_map *map, const abx_memory_entry *entry);

/* The entry that holds `gpa`, if entries that adjoin each other hold all of [gpa, gpa + length); otherwise NULL. */
const abx_memory_entry *abx_memory_map_cover(const abx_memory_map *map, abx_gpa gpa, uint64_t length);

#endif
