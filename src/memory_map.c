/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_map.h"

#include <stdlib.h>
#include <string.h>

static abx_memory_map *allocate(size_t count)
{
    size_t size;
    if (__builtin_mul_overflow(count, sizeof(abx_memory_entry), &size) ||
        __builtin_add_overflow(size, sizeof(abx_memory_map), &size)) {
        return NULL;
    }
    abx_memory_map *map = malloc(size);
    if (map) {
        map->next = NULL;
        map->count = count;
    }
    return map;
}

/* How many entries begin at or below `gpa`. */
static size_t rank(const abx_memory_map *map, abx_gpa gpa)
{
    size_t first = 0;
    size_t count = map->count;
    while (count > 0) {
        size_t half = count / 2;
        bool upper = map->entries[first + half].gpa <= gpa;
        first = upper ? first + half + 1 : first;
        count = upper ? count - half - 1 : half;
    }
    return first;
}

abx_memory_map *abx_memory_map_new(void)
{
    return allocate(0);
}

abx_memory_map *abx_memory_map_with(const abx_memory_map *map, abx_region *region)
{
    abx_memory_map *copy = allocate(map->count + 1);
    if (!copy) {
        return NULL;
    }
    size_t before = rank(map, region->slot.gpa);
    memcpy(copy->entries, map->entries, before * sizeof(copy->entries[0]));
    copy->entries[before] = (abx_memory_entry){
        .gpa = region->slot.gpa,
        .length = region->slot.length,
        .host = region->slot.host,
        .region = region,
    };
    memcpy(&copy->entries[before + 1], &map->entries[before], (map->count - before) * sizeof(copy->entries[0]));
    return copy;
}

abx_memory_map *abx_memory_map_without(const abx_memory_map *map, const abx_region *region)
{
    abx_memory_map *copy = allocate(map->count - 1);
    if (!copy) {
        return NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (map->entries[i].region != region) {
            copy->entries[kept++] = map->entries[i];
        }
    }
    return copy;
}

void abx_memory_map_free_list(abx_memory_map *maps)
{
    while (maps) {
        abx_memory_map *next = maps->next;
        free(maps);
        maps = next;
    }
}

const abx_memory_entry *abx_memory_map_find(const abx_memory_map *map, abx_gpa gpa)
{
    size_t count = rank(map, gpa);
    if (count == 0) {
        return NULL;
    }
    const abx_memory_entry *entry = &map->entries[count - 1];
    return gpa - entry->gpa < entry->length ? entry : NULL;
}

const abx_memory_entry *abx_memory_map_overlap(const abx_memory_map *map, abx_gpa gpa, uint64_t length)
{
    const abx_memory_entry *entry = abx_memory_map_find(map, gpa);
    if (entry) {
        return entry;
    }
    size_t next = rank(map, gpa);
    return next < map->count && map->entries[next].gpa - gpa < length ? &map->entries[next] : NULL;
}

const abx_memory_entry *abx_memory_map_adjoining(const abx_memory_map *map, const abx_memory_entry *entry)
{
    /* An entry that ends at 2^64 is the last one. */
    const abx_memory_entry *next = entry + 1;
    return next < map->entries + map->count && next->gpa == entry->gpa + entry->length ? next : NULL;
}

const abx_memory_entry *abx_memory_map_cover(const abx_memory_map *map, abx_gpa gpa, uint64_t length)
{
    const abx_memory_entry *first = abx_memory_map_find(map, gpa);
    const abx_memory_entry *entry = first;
    uint64_t offset = first ? gpa - first->gpa : 0;
    while (entry && length > entry->length - offset) {
        length -= entry->length - offset;
        offset = 0;
        entry = abx_memory_map_adjoining(map, entry);
    }
    return entry ? first : NULL;
}
