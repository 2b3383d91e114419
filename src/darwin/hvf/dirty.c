/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The log of written pages: they are unwritable until the guest writes to them (fault.c). */
#include "hvf_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static uint64_t pages_of(const abx_slot *slot)
{
    return slot->length >> ABX_HVF_PAGE_SHIFT;
}

abx_status abx_hvf_dirty_begin(abx_hvf_memory *memory, abx_hvf_slot *mapped)
{
    if (!(mapped->slot.flags & ABX_MEMORY_LOG_DIRTY))
        return ABX_OK;
    size_t words = (size_t)((pages_of(&mapped->slot) + 63) / 64);
    mapped->dirty = calloc(words, sizeof(*mapped->dirty));
    if (!mapped->dirty)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "log written pages of memory at 0x%" PRIx64, mapped->slot.gpa);
    atomic_fetch_add(&memory->logs, 1);
    return ABX_OK;
}

void abx_hvf_dirty_end(abx_hvf_memory *memory, abx_hvf_slot *mapped)
{
    if (!mapped->dirty)
        return;
    free(mapped->dirty);
    mapped->dirty = NULL;
    atomic_fetch_sub(&memory->logs, 1);
}

static abx_status fail_no_log(const abx_slot *slot)
{
    return abx_fail(ABX_ERR_STATE, 0, "Start the log first.", "use the log of memory at 0x%" PRIx64, slot->gpa);
}

abx_status abx_hvf_memory_get_dirty(void *object, const abx_slot *slot, uint64_t *bitmap)
{
    abx_hvf_vm *vm = object;
    pthread_mutex_lock(&vm->memory.lock);
    const abx_hvf_slot *mapped = abx_hvf_memory_find(&vm->memory, slot);
    bool logged = mapped && mapped->dirty;
    for (uint64_t i = 0; logged && i < (pages_of(slot) + 63) / 64; i++)
        bitmap[i] |= mapped->dirty[i];
    pthread_mutex_unlock(&vm->memory.lock);
    return logged ? ABX_OK : fail_no_log(slot);
}

static bool test_bit(const uint64_t *bitmap, uint64_t n)
{
    return bitmap[n / 64] >> n % 64 & 1;
}

/* Unwritable first: a write that comes between is then told again, and not lost. */
static abx_status clear(abx_hvf_slot *mapped, uint64_t page)
{
    hv_ipa_t start = mapped->slot.gpa + (page << ABX_HVF_PAGE_SHIFT);
    abx_status status = abx_hv_check(hv_vm_protect(start, ABX_HVF_PAGE, HV_MEMORY_READ | HV_MEMORY_EXEC),
                                     "clear the log of written pages at 0x%" PRIx64, start);
    if (status == ABX_OK)
        mapped->dirty[page / 64] &= ~(UINT64_C(1) << page % 64);
    return status;
}

abx_status abx_hvf_memory_clear_dirty(void *object, const abx_slot *slot, const uint64_t *bitmap)
{
    abx_hvf_vm *vm = object;
    pthread_mutex_lock(&vm->memory.lock);
    abx_hvf_slot *mapped = abx_hvf_memory_find(&vm->memory, slot);
    abx_status status = mapped && mapped->dirty ? ABX_OK : fail_no_log(slot);
    for (uint64_t page = 0; status == ABX_OK && page < pages_of(slot); page++) {
        if (test_bit(bitmap, page) && test_bit(mapped->dirty, page))
            status = clear(mapped, page);
    }
    pthread_mutex_unlock(&vm->memory.lock);
    return status;
}
