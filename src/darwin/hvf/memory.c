/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void abx_hvf_memory_init(abx_hvf_memory *memory)
{
    memory->slots = NULL;
    memory->count = 0;
    atomic_init(&memory->gaps_opened, 0);
    atomic_init(&memory->gaps_closed, 0);
    atomic_init(&memory->logs, 0);
    pthread_mutex_init(&memory->lock, NULL);
}

void abx_hvf_memory_end(abx_hvf_memory *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        abx_hvf_dirty_end(memory, &memory->slots[i]);
    free(memory->slots);
    pthread_mutex_destroy(&memory->lock);
}

hv_memory_flags_t abx_hvf_memory_protection(const abx_slot *slot)
{
    bool writable = !(slot->flags & (ABX_MEMORY_READ_ONLY | ABX_MEMORY_LOG_DIRTY));
    return HV_MEMORY_READ | HV_MEMORY_EXEC | (writable ? HV_MEMORY_WRITE : 0);
}

abx_hvf_slot *abx_hvf_memory_find(abx_hvf_memory *memory, const abx_slot *slot)
{
    if (slot->index >= memory->count)
        return NULL;
    abx_hvf_slot *found = &memory->slots[slot->index];
    return found->mapped && found->slot.gpa == slot->gpa ? found : NULL;
}

abx_hvf_slot *abx_hvf_memory_at(abx_hvf_memory *memory, hv_ipa_t address)
{
    for (size_t i = 0; i < memory->count; i++) {
        abx_hvf_slot *mapped = &memory->slots[i];
        if (mapped->mapped && address - mapped->slot.gpa < mapped->slot.length)
            return mapped;
    }
    return NULL;
}

void abx_hvf_memory_open_gap(abx_hvf_memory *memory)
{
    atomic_fetch_add(&memory->gaps_opened, 1);
}

void abx_hvf_memory_close_gap(abx_hvf_memory *memory)
{
    atomic_fetch_add(&memory->gaps_closed, 1);
}

static abx_status make_room(abx_hvf_memory *memory, uint32_t index)
{
    if (index < memory->count)
        return ABX_OK;
    size_t count = (size_t)index + 1;
    abx_hvf_slot *slots = realloc(memory->slots, count * sizeof(*slots));
    if (!slots)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "keep a list of guest memory");
    memset(slots + memory->count, 0, (count - memory->count) * sizeof(*slots));
    memory->slots = slots;
    memory->count = count;
    return ABX_OK;
}

static abx_status map(abx_hvf_memory *memory, const abx_slot *slot)
{
    abx_status status = make_room(memory, slot->index);
    if (status != ABX_OK)
        return status;
    abx_hvf_slot made = { .mapped = true, .slot = *slot };
    status = abx_hvf_dirty_begin(memory, &made);
    if (status == ABX_OK)
        status = abx_hv_check(hv_vm_map(slot->host, slot->gpa, slot->length, abx_hvf_memory_protection(slot)),
                              "map guest memory at 0x%" PRIx64 " of %" PRIu64 " bytes", slot->gpa, slot->length);
    if (status == ABX_OK)
        memory->slots[slot->index] = made;
    else
        abx_hvf_dirty_end(memory, &made);
    return status;
}

abx_status abx_hvf_memory_map(void *object, const abx_slot *slot)
{
    abx_hvf_vm *vm = object;
    pthread_mutex_lock(&vm->memory.lock);
    abx_status status = map(&vm->memory, slot);
    pthread_mutex_unlock(&vm->memory.lock);
    return status;
}

abx_status abx_hvf_memory_unmap(void *object, const abx_slot *slot)
{
    abx_hvf_vm *vm = object;
    pthread_mutex_lock(&vm->memory.lock);
    abx_hvf_slot *mapped = abx_hvf_memory_find(&vm->memory, slot);
    abx_status status =
        abx_hv_check(hv_vm_unmap(slot->gpa, slot->length), "unmap guest memory at 0x%" PRIx64 " of %" PRIu64 " bytes",
                     slot->gpa, slot->length);
    if (status == ABX_OK && mapped) {
        abx_hvf_dirty_end(&vm->memory, mapped);
        mapped->mapped = false;
    }
    pthread_mutex_unlock(&vm->memory.lock);
    return status;
}

static abx_status set_flags(abx_hvf_memory *memory, abx_hvf_slot *mapped, const abx_slot *slot)
{
    abx_hvf_slot changed = { .mapped = true, .slot = *slot };
    abx_status status = abx_hvf_dirty_begin(memory, &changed);
    if (status != ABX_OK)
        return status;
    abx_hvf_memory_open_gap(memory);
    status = abx_hv_check(hv_vm_protect(slot->gpa, slot->length, abx_hvf_memory_protection(slot)),
                          "change the protection of guest memory at 0x%" PRIx64, slot->gpa);
    if (status == ABX_OK) {
        abx_hvf_dirty_end(memory, mapped);
        *mapped = changed;
    } else {
        abx_hvf_dirty_end(memory, &changed);
    }
    abx_hvf_memory_close_gap(memory);
    return status;
}

abx_status abx_hvf_memory_set_flags(void *object, const abx_slot *slot)
{
    abx_hvf_vm *vm = object;
    pthread_mutex_lock(&vm->memory.lock);
    abx_hvf_slot *mapped = abx_hvf_memory_find(&vm->memory, slot);
    abx_status status =
        mapped ? set_flags(&vm->memory, mapped, slot)
               : abx_fail(ABX_ERR_NOT_FOUND, 0, NULL, "change the flags of guest memory at 0x%" PRIx64, slot->gpa);
    pthread_mutex_unlock(&vm->memory.lock);
    return status;
}
