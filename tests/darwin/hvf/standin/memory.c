/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory.h"

#include "turn.h"

#include <stdlib.h>
#include <string.h>

typedef struct mapping {
    uint8_t *host;
    hv_ipa_t ipa;
    size_t size;
    hv_memory_flags_t flags;
} mapping;

static mapping *table;
static size_t count;

static void check(const char *call, uc_err error)
{
    if (error != UC_ERR_OK)
        model_broken(call, uc_strerror(error));
}

static uint32_t protection(hv_memory_flags_t flags)
{
    return (flags & HV_MEMORY_READ ? UC_PROT_READ : 0u) | (flags & HV_MEMORY_WRITE ? UC_PROT_WRITE : 0u) |
           (flags & HV_MEMORY_EXEC ? UC_PROT_EXEC : 0u);
}

static void attach(uc_engine *engine, const mapping *part)
{
    check("uc_mem_map_ptr", uc_mem_map_ptr(engine, part->ipa, part->size, protection(part->flags), part->host));
}

void memory_attach(uc_engine *engine)
{
    for (size_t i = 0; i < count; i++)
        attach(engine, &table[i]);
}

static void attach_everywhere(const mapping *part)
{
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        if (model.vcpus[i])
            attach(model.vcpus[i]->engine, part);
    }
}

static void detach_everywhere(const mapping *part)
{
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        if (model.vcpus[i])
            check("uc_mem_unmap", uc_mem_unmap(model.vcpus[i]->engine, part->ipa, part->size));
    }
}

void *memory_at(hv_ipa_t ipa, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (ipa >= table[i].ipa && ipa - table[i].ipa < table[i].size && size <= table[i].size - (ipa - table[i].ipa))
            return table[i].host + (ipa - table[i].ipa);
    }
    return NULL;
}

unsigned memory_mappings(void)
{
    return (unsigned)count;
}

void memory_forget(void)
{
    free(table);
    table = NULL;
    count = 0;
}

static bool in_range(hv_ipa_t ipa, size_t size)
{
    uint64_t end = UINT64_C(1) << model.ipa_bits;
    return size && (ipa | size) % MODEL_PAGE == 0 && ipa < end && size <= end - ipa;
}

static bool overlaps(hv_ipa_t ipa, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (ipa < table[i].ipa + table[i].size && table[i].ipa < ipa + size)
            return true;
    }
    return false;
}

static mapping *add(const mapping *part)
{
    mapping *larger = realloc(table, (count + 1) * sizeof(*table));
    if (!larger)
        model_broken("hv_vm_map", "out of memory");
    table = larger;
    table[count] = *part;
    return &table[count++];
}

/* Cuts the mapping around `at` in two, so that one of them begins there. */
static void cut(hv_ipa_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (at <= table[i].ipa || at - table[i].ipa >= table[i].size)
            continue;
        size_t first = at - table[i].ipa;
        mapping second = { table[i].host + first, at, table[i].size - first, table[i].flags };
        detach_everywhere(&table[i]);
        table[i].size = first;
        attach_everywhere(&table[i]);
        attach_everywhere(add(&second));
        return;
    }
}

static bool mapped_all_over(hv_ipa_t ipa, size_t size)
{
    size_t covered = 0;
    for (size_t i = 0; i < count; i++) {
        hv_ipa_t first = table[i].ipa > ipa ? table[i].ipa : ipa;
        hv_ipa_t end = table[i].ipa + table[i].size < ipa + size ? table[i].ipa + table[i].size : ipa + size;
        if (first < end)
            covered += end - first;
    }
    return covered == size;
}

static hv_return_t map(void *address, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    hv_return_t status;
    if (model_fails("hv_vm_map", &status))
        return status;
    if (!model.exists)
        return HV_NO_DEVICE;
    if (!address || (uintptr_t)address % MODEL_PAGE || !in_range(ipa, size) || flags & ~UINT64_C(7))
        return HV_BAD_ARGUMENT;
    if (overlaps(ipa, size))
        return HV_ERROR;
    attach_everywhere(add(&(mapping){ address, ipa, size, flags }));
    return HV_SUCCESS;
}

static hv_return_t unmap(hv_ipa_t ipa, size_t size)
{
    hv_return_t status;
    if (model_fails("hv_vm_unmap", &status))
        return status;
    if (!model.exists)
        return HV_NO_DEVICE;
    if (!in_range(ipa, size))
        return HV_BAD_ARGUMENT;
    if (!mapped_all_over(ipa, size))
        return HV_ERROR;
    cut(ipa);
    cut(ipa + size);
    for (size_t i = 0; i < count;) {
        if (table[i].ipa < ipa || table[i].ipa >= ipa + size) {
            i++;
            continue;
        }
        detach_everywhere(&table[i]);
        table[i] = table[--count];
    }
    return HV_SUCCESS;
}

static hv_return_t protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    hv_return_t status;
    if (model_fails("hv_vm_protect", &status))
        return status;
    if (!model.exists)
        return HV_NO_DEVICE;
    if (!in_range(ipa, size) || flags & ~UINT64_C(7))
        return HV_BAD_ARGUMENT;
    if (!mapped_all_over(ipa, size))
        return HV_ERROR;
    cut(ipa);
    cut(ipa + size);
    for (size_t i = 0; i < count; i++) {
        if (table[i].ipa < ipa || table[i].ipa >= ipa + size)
            continue;
        detach_everywhere(&table[i]);
        table[i].flags = flags;
        attach_everywhere(&table[i]);
    }
    return HV_SUCCESS;
}

hv_return_t hv_vm_map(void *address, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    turn_take();
    hv_return_t status = map(address, ipa, size, flags);
    turn_give();
    return status;
}

hv_return_t hv_vm_unmap(hv_ipa_t ipa, size_t size)
{
    turn_take();
    hv_return_t status = unmap(ipa, size);
    turn_give();
    return status;
}

hv_return_t hv_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    turn_take();
    hv_return_t status = protect(ipa, size, flags);
    turn_give();
    return status;
}
