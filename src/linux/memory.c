/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static uint64_t slot_pages(const abx_kvm_vm *vm, const abx_slot *slot)
{
    return slot->length / vm->hypervisor->caps.page_size;
}

static abx_status set_region(const abx_kvm_vm *vm, const abx_slot *slot, uint64_t length, const char *operation)
{
    const struct kvm_userspace_memory_region region = {
        .slot = slot->index,
        .flags = (slot->flags & ABX_MEMORY_READ_ONLY ? (uint32_t)KVM_MEM_READONLY : 0) |
                 (slot->flags & ABX_MEMORY_LOG_DIRTY ? (uint32_t)KVM_MEM_LOG_DIRTY_PAGES : 0),
        .guest_phys_addr = slot->gpa,
        .memory_size = length,
        .userspace_addr = (uintptr_t)slot->host,
    };
    return abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region),
                         "%s guest memory at 0x%" PRIx64 " of %" PRIu64 " bytes", operation, slot->gpa, slot->length);
}

abx_status abx_kvm_memory_map(void *object, const abx_slot *slot)
{
    return set_region(object, slot, slot->length, "map");
}

abx_status abx_kvm_memory_unmap(void *object, const abx_slot *slot)
{
    return set_region(object, slot, 0, "unmap");
}

abx_status abx_kvm_memory_set_flags(void *object, const abx_slot *slot)
{
    return set_region(object, slot, slot->length, "change the flags of");
}

static abx_status require_manual_clear(const abx_kvm_vm *vm)
{
    if (vm->hypervisor->manual_clear)
        return ABX_OK;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 5.1 or newer.", "read the dirty log without clearing it");
}

abx_status abx_kvm_memory_get_dirty(void *object, const abx_slot *slot, uint64_t *bitmap)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_manual_clear(vm);
    if (status != ABX_OK)
        return status;
    size_t words = (size_t)((slot_pages(vm, slot) + 63) / 64);
    uint64_t *fetched = calloc(words, sizeof(*fetched));
    if (!fetched)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "read the dirty log at 0x%" PRIx64, slot->gpa);
    struct kvm_dirty_log log = { .slot = slot->index, .dirty_bitmap = fetched };
    status =
        abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log), "read the dirty log at 0x%" PRIx64, slot->gpa);
    if (status == ABX_OK) {
        for (size_t i = 0; i < words; i++)
            bitmap[i] |= fetched[i];
    }
    free(fetched);
    return status;
}

/*
 * KVM_CLEAR_DIRTY_LOG takes a 32-bit count of pages, and wants both the first page and the count to be multiples of 64,
 * the count unless it reaches to the slot's end.
 */
abx_status abx_kvm_memory_clear_dirty(void *object, const abx_slot *slot, const uint64_t *bitmap)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_manual_clear(vm);
    uint64_t pages = slot_pages(vm, slot);
    const uint64_t most = UINT32_MAX / 64 * 64;
    for (uint64_t first = 0; status == ABX_OK && first < pages; first += most) {
        struct kvm_clear_dirty_log log = {
            .slot = slot->index,
            .num_pages = (uint32_t)(pages - first < most ? pages - first : most),
            .first_page = first,
            .padding2 = (uintptr_t)(bitmap + first / 64), /* as a number: dirty_bitmap has no const */
        };
        status = abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &log), "clear the dirty log at 0x%" PRIx64,
                               slot->gpa);
    }
    return status;
}
