/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_space_internal.h"

#include "memory_layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

abx_status abx_memory_space_new(abx_memory_space **out, const abx_backend *backend, void *backend_vm,
                                const abx_capabilities *caps)
{
    if (caps->page_size == 0 || (caps->page_size & (caps->page_size - 1)) != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, "The backend must report a page size that is a power of two.",
                        "create the guest's memory");
    }
    abx_memory_space *space = calloc(1, sizeof(*space));
    abx_memory_map *map = abx_memory_map_new();
    abx_status status;
    if (!space || !map) {
        status = abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create the guest's memory");
        goto fail;
    }
    atomic_init(&space->map, map);
    space->page_shift = (uint32_t)__builtin_ctz(caps->page_size);
    space->backend = backend;
    space->backend_vm = backend_vm;
    space->caps = caps;
    space->slots = (abx_slot_set)ABX_SLOT_SET_INIT(caps->max_slots);
    status = abx_grace_init(&space->grace);
    if (status != ABX_OK) {
        goto fail;
    }
    int error = pthread_mutex_init(&space->lock, NULL);
    if (error) {
        status = abx_fail(abx_status_of_errno(error), error, NULL, "create the guest's memory");
        goto fail_grace;
    }
    *out = space;
    return ABX_OK;

fail_grace:
    abx_grace_destroy(&space->grace);
fail:
    free(map);
    free(space);
    return status;
}

void abx_memory_space_free(abx_memory_space *space)
{
    if (!space) {
        return;
    }
    abx_memory_map *map = atomic_load(&space->map);
    for (size_t i = 0; i < map->count; i++) {
        abx_region_free(map->entries[i].region);
    }
    abx_memory_map_free_list(map);
    abx_memory_map_free_list(space->retired);
    abx_slot_set_end(&space->slots);
    pthread_mutex_destroy(&space->lock);
    abx_grace_destroy(&space->grace);
    free(space);
}

uint32_t abx_memory_space_enter(abx_memory_space *space)
{
    return abx_grace_enter(&space->grace);
}

void abx_memory_space_leave(abx_memory_space *space, uint32_t ticket)
{
    abx_grace_leave(&space->grace, ticket);
}

/* Under the lock. The old map is retired: readers may be in it. */
static void publish(abx_memory_space *space, abx_memory_map *map)
{
    abx_memory_map *old = atomic_exchange(&space->map, map);
    old->next = space->retired;
    space->retired = old;
}

static abx_status add_locked(abx_memory_space *space, const abx_memory_region *region)
{
    const abx_memory_map *old = abx_memory_space_map(space);
    const abx_memory_entry *other = abx_memory_map_overlap(old, region->gpa, region->length);
    if (other) {
        return abx_fail(ABX_ERR_EXISTS, 0, "Remove that region first, or choose another address.",
                        "add memory at 0x%" PRIx64 " (0x%" PRIx64 " bytes): overlaps the region at 0x%" PRIx64
                        " (0x%" PRIx64 " bytes)",
                        region->gpa, region->length, other->gpa, other->length);
    }
    abx_region *made;
    abx_status status = abx_region_new(&made, region, space->page_shift);
    if (status != ABX_OK) {
        return status;
    }
    status = abx_slot_set_take(&space->slots, &made->slot.index);
    if (status != ABX_OK) {
        goto fail_region;
    }
    abx_memory_map *map = abx_memory_map_with(old, made);
    if (!map) {
        status = abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "add memory at 0x%" PRIx64, region->gpa);
        goto fail_slot;
    }
    status = space->backend->memory_map(space->backend_vm, &made->slot);
    if (status != ABX_OK) {
        goto fail_map;
    }
    publish(space, map);
    /* Adding is allowed from within a stay and so cannot wait: old maps go when nobody is inside, now or later. */
    if (abx_grace_idle(&space->grace)) {
        abx_memory_map_free_list(space->retired);
        space->retired = NULL;
    }
    return ABX_OK;

fail_map:
    free(map);
fail_slot:
    abx_slot_set_give(&space->slots, made->slot.index);
fail_region:
    abx_region_free(made);
    return status;
}

abx_status abx_memory_space_add(abx_memory_space *space, const abx_memory_region *region)
{
    if (!space->backend->memory_map) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "This backend maps no memory.", "add memory");
    }
    abx_status status = abx_region_check(region, space->caps);
    if (status != ABX_OK) {
        return status;
    }
    pthread_mutex_lock(&space->lock);
    status = add_locked(space, region);
    pthread_mutex_unlock(&space->lock);
    return status;
}

abx_region *abx_memory_space_region(abx_memory_space *space, abx_gpa gpa, const char *operation)
{
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (entry && entry->gpa == gpa) {
        return entry->region;
    }
    abx_fail(ABX_ERR_NOT_FOUND, 0, "Name a region by the address it starts at.", "%s at 0x%" PRIx64, operation, gpa);
    return NULL;
}

/* On success `*retired` gets all maps that must be freed after the readers have left. */
static abx_status remove_locked(abx_memory_space *space, abx_gpa gpa, abx_region **region, abx_memory_map **retired)
{
    abx_region *found = abx_memory_space_region(space, gpa, "remove memory");
    if (!found) {
        return ABX_ERR_NOT_FOUND;
    }
    abx_memory_map *map = abx_memory_map_without(abx_memory_space_map(space), found);
    if (!map) {
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "remove memory at 0x%" PRIx64, gpa);
    }
    abx_status status = space->backend->memory_unmap(space->backend_vm, &found->slot);
    if (status != ABX_OK) {
        free(map);
        return status;
    }
    publish(space, map);
    abx_slot_set_give(&space->slots, found->slot.index);
    *region = found;
    *retired = space->retired;
    space->retired = NULL;
    return ABX_OK;
}

abx_status abx_memory_space_remove(abx_memory_space *space, abx_gpa gpa)
{
    if (!space->backend->memory_unmap) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "This backend cannot take memory away.", "remove memory");
    }
    abx_region *region = NULL;
    abx_memory_map *retired = NULL;
    pthread_mutex_lock(&space->lock);
    abx_status status = remove_locked(space, gpa, &region, &retired);
    pthread_mutex_unlock(&space->lock);
    if (status == ABX_OK) {
        abx_grace_wait(&space->grace);
        abx_memory_map_free_list(retired);
        abx_region_free(region);
    }
    return status;
}

size_t abx_memory_space_list(abx_memory_space *space, abx_memory_info *infos, size_t capacity)
{
    pthread_mutex_lock(&space->lock);
    const abx_memory_map *map = abx_memory_space_map(space);
    size_t count = map->count;
    for (size_t i = 0; i < count && i < capacity; i++) {
        infos[i] = abx_region_info(map->entries[i].region);
    }
    pthread_mutex_unlock(&space->lock);
    return count;
}

abx_status abx_memory_space_add_ram(abx_memory_space *space, const abx_vm_config *config, abx_arch arch)
{
    abx_ram_range ranges[ABX_RAM_RANGES];
    size_t count = config->no_memory ? 0 : abx_memory_layout(arch, config->memory_size, ranges);
    for (size_t i = 0; i < count; i++) {
        abx_memory_region region = ABX_MEMORY_REGION_INIT;
        region.gpa = ranges[i].gpa;
        region.length = ranges[i].length;
        region.flags = config->dirty_log == ABX_YES ? ABX_MEMORY_LOG_DIRTY : 0;
        region.backing = config->memory_backing;
        region.huge_pages = config->huge_pages;
        abx_status status = abx_memory_space_add(space, &region);
        if (status != ABX_OK) {
            while (i-- > 0) {
                (void)abx_memory_space_remove(space, ranges[i].gpa);
            }
            return status;
        }
    }
    return ABX_OK;
}
