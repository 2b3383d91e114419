/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"

#include <inttypes.h>

/* The first write to a page since its log was cleared. */
static abx_status log_write(abx_hvf_slot *mapped, hv_ipa_t address)
{
    uint64_t page = (address - mapped->slot.gpa) >> ABX_HVF_PAGE_SHIFT;
    hv_ipa_t start = mapped->slot.gpa + (page << ABX_HVF_PAGE_SHIFT);
    mapped->dirty[page / 64] |= UINT64_C(1) << page % 64;
    return abx_hv_check(hv_vm_protect(start, ABX_HVF_PAGE, HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC),
                        "let the guest write to 0x%" PRIx64, start);
}

static bool is_read_only(const abx_hvf_slot *mapped)
{
    return mapped->slot.flags & ABX_MEMORY_READ_ONLY;
}

/*
 * A gap that was open during the run has been opened since the count of closed ones was taken. Without gaps and logs,
 * which is nearly always, this takes no lock.
 */
abx_status abx_hvf_memory_fault(abx_hvf_memory *memory, uint64_t gaps, hv_ipa_t address, bool write, bool *again)
{
    abx_status status = ABX_OK;
    bool gap = atomic_load(&memory->gaps_opened) != gaps;
    *again = false;
    if (!gap && atomic_load(&memory->logs) == 0)
        return ABX_OK;
    pthread_mutex_lock(&memory->lock);
    abx_hvf_slot *mapped = abx_hvf_memory_at(memory, address);
    *again = mapped && gap && !(write && is_read_only(mapped));
    if (mapped && mapped->dirty && write && !is_read_only(mapped)) {
        status = log_write(mapped, address);
        *again = true;
    }
    pthread_mutex_unlock(&memory->lock);
    return status;
}
