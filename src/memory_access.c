/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_access.h"

#include "memory_space_internal.h"
#include "memory_walk.h"

#include <string.h>

/*
 * The guest may write what is being copied here, or read it half copied, as two CPUs may with each other. Plain copies
 * are enough: nothing in this library is decided by what they carry.
 */

static abx_status read_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    uint8_t **to = context;
    memcpy(*to, entry->host + offset, length);
    *to += length;
    return ABX_OK;
}

static abx_status write_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    const uint8_t **from = context;
    memcpy(entry->host + offset, *from, length);
    abx_region_mark(entry->region, offset, length);
    *from += length;
    return ABX_OK;
}

static abx_status fill_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    const uint8_t *value = context;
    memset(entry->host + offset, *value, length);
    abx_region_mark(entry->region, offset, length);
    return ABX_OK;
}

static abx_status mark_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    (void)context;
    abx_region_mark(entry->region, offset, length);
    return ABX_OK;
}

abx_status abx_memory_space_read(abx_memory_space *space, abx_gpa gpa, void *buffer, size_t length)
{
    uint8_t *to = buffer;
    return abx_memory_walk(space, gpa, length, "read", read_piece, &to);
}

abx_status abx_memory_space_write(abx_memory_space *space, abx_gpa gpa, const void *buffer, size_t length)
{
    const uint8_t *from = buffer;
    return abx_memory_walk(space, gpa, length, "write", write_piece, &from);
}

abx_status abx_memory_space_fill(abx_memory_space *space, abx_gpa gpa, uint8_t value, uint64_t length)
{
    return abx_memory_walk(space, gpa, length, "fill", fill_piece, &value);
}

abx_status abx_memory_space_mark_dirty(abx_memory_space *space, abx_gpa gpa, uint64_t length)
{
    return abx_memory_walk(space, gpa, length, "mark as written", mark_piece, NULL);
}

void *abx_memory_space_span(abx_memory_space *space, abx_gpa gpa, uint64_t length, bool for_write, uint64_t *available)
{
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (!entry || (for_write && entry->region->read_only)) {
        return NULL;
    }
    uint64_t offset = gpa - entry->gpa;
    uint64_t here = entry->length - offset;
    here = here < length ? here : length;
    if (for_write) {
        abx_region_mark(entry->region, offset, here);
    }
    *available = here;
    return entry->host + offset;
}

void *abx_memory_space_at(abx_memory_space *space, abx_gpa gpa, uint64_t length, bool for_write)
{
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (!entry || (for_write && entry->region->read_only)) {
        return NULL;
    }
    uint64_t offset = gpa - entry->gpa;
    if (length > entry->length - offset) {
        return NULL;
    }
    if (for_write) {
        abx_region_mark(entry->region, offset, length);
    }
    return entry->host + offset;
}
