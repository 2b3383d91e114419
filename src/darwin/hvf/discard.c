/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"
#include "memory_os.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

/* Fresh pages in place of the old ones, which go back to the host at once, with the same advice. */
static abx_status replace(void *address, size_t length, hv_ipa_t ipa)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED &&
        abx_memory_os_advise(address, length, ABX_HUGE_NONE) >= 0)
        return ABX_OK;
    return abx_fail(abx_status_of_errno(errno), errno, NULL, "replace the pages of guest memory at 0x%" PRIx64, ipa);
}

/*
 * While the framework has the pages mapped they stay in use, whatever the process does to them. So the guest loses them
 * for a moment. vCPUs that come there meanwhile leave the guest, find the gap (fault.c) and wait for the lock.
 */
static abx_status exchange(const abx_hvf_slot *mapped, void *host, hv_ipa_t ipa, uint64_t length)
{
    abx_status status =
        abx_hv_check(hv_vm_unmap(ipa, length), "take guest memory at 0x%" PRIx64 " away to discard it", ipa);
    if (status != ABX_OK)
        return status;
    abx_status replaced = replace(host, length, ipa);
    hv_return_t result = hv_vm_map(host, ipa, length, abx_hvf_memory_protection(&mapped->slot));
    if (result != HV_SUCCESS)
        return abx_hv_check(result, "give guest memory at 0x%" PRIx64 " back: it is lost, destroy the VM; map it", ipa);
    return replaced;
}

abx_status abx_hvf_memory_discard(void *object, const abx_slot *slot, uint64_t offset, uint64_t length)
{
    abx_hvf_vm *vm = object;
    abx_hvf_memory *memory = &vm->memory;
    hv_ipa_t ipa = slot->gpa + offset;
    void *host = (char *)slot->host + offset;
    pthread_mutex_lock(&memory->lock);
    /* A slot that is just being removed has left the guest already. */
    const abx_hvf_slot *mapped = abx_hvf_memory_find(memory, slot);
    abx_status status;
    if (mapped) {
        abx_hvf_memory_open_gap(memory);
        status = exchange(mapped, host, ipa, length);
        abx_hvf_memory_close_gap(memory);
    } else {
        status = replace(host, length, ipa);
    }
    pthread_mutex_unlock(&memory->lock);
    return status;
}
