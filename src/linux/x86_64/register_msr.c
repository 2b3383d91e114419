/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "msr_batch.h"
#include "register_class.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Batches of MSRs up to here need no allocation. */
enum { SMALL_BATCH = 64 };

/* Puts the MSRs among the names, without their values if `values` is NULL, into `entries`; returns how many. */
static size_t collect(struct kvm_msr_entry *entries, const abx_reg *names, const uint64_t *values, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_MSR)
            entries[found++] = (struct kvm_msr_entry){
                .index = ABX_REG_NUMBER(names[i]),
                .data = values ? values[i] : 0,
            };
    }
    return found;
}

static abx_status no_memory(size_t count)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "access %zu MSRs", count);
}

static abx_status unknown(uint32_t index)
{
    return abx_fail(ABX_ERR_NOT_FOUND, 0, "this host's KVM, or the vCPU's CPUID, does not have it",
                    "access MSR %#" PRIx32, index);
}

abx_status abx_x86_read_msrs(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    struct kvm_msr_entry small[SMALL_BATCH];
    struct kvm_msr_entry *entries = count <= SMALL_BATCH ? small : calloc(count, sizeof(*entries));
    if (!entries)
        return no_memory(count);
    size_t found = collect(entries, names, NULL, count), done;
    abx_status status = abx_msr_batch(vcpu->fd, KVM_GET_MSRS, entries, found, &done);
    if (status == ABX_OK && done < found)
        status = unknown(entries[done].index);
    for (size_t i = 0, next = 0; status == ABX_OK && i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_MSR)
            values[i] = entries[next++].data;
    }
    if (entries != small)
        free(entries);
    return status;
}

/* MSR `entry` could not be written: is it its value, or is there no such MSR? */
static abx_status refused(abx_kvm_vcpu *vcpu, const struct kvm_msr_entry *entry)
{
    struct kvm_msr_entry present = { .index = entry->index };
    size_t known;
    abx_status status = abx_msr_read_known(vcpu->fd, &present, 1, &known);
    if (status != ABX_OK)
        return status;
    if (known == 0)
        return unknown(entry->index);
    return abx_fail(ABX_ERR_RANGE, 0, "the MSR does not take this value", "write %#" PRIx64 " to MSR %#" PRIx32,
                    (uint64_t)entry->data, entry->index);
}

/* How many of `before`, which has the readable ones of `entries` in the same order, are among the first `done`. */
static size_t count_before(const struct kvm_msr_entry *before, size_t known, const struct kvm_msr_entry *entries,
                           size_t done)
{
    size_t matched = 0;
    for (size_t i = 0; i < done && matched < known; i++) {
        if (before[matched].index == entries[i].index)
            matched++;
    }
    return matched;
}

/* Writes all of `entries` or, so far as they can be read, none: `before` is room for as many. */
static abx_status write_entries(abx_kvm_vcpu *vcpu, struct kvm_msr_entry *entries, struct kvm_msr_entry *before,
                                size_t count)
{
    size_t known = 0, done, undone;
    abx_status status = count > 1 ? abx_msr_read_known(vcpu->fd, before, count, &known) : ABX_OK;
    if (status != ABX_OK)
        return status;
    status = abx_msr_batch(vcpu->fd, KVM_SET_MSRS, entries, count, &done);
    /* Segment bases, EFER and the APIC's base are MSRs as well. */
    vcpu->synced &= ~(uint64_t)KVM_SYNC_X86_SREGS;
    if (status == ABX_OK && done == count)
        return ABX_OK;
    if (status == ABX_OK)
        status = refused(vcpu, &entries[done]);
    size_t undo = count_before(before, known, entries, done);
    abx_status undo_status = abx_msr_batch(vcpu->fd, KVM_SET_MSRS, before, undo, &undone);
    return undo_status == ABX_OK ? status : undo_status;
}

abx_status abx_x86_write_msrs(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    struct kvm_msr_entry small[2 * SMALL_BATCH];
    struct kvm_msr_entry *entries = count <= SMALL_BATCH ? small : calloc(count, 2 * sizeof(*entries));
    if (!entries)
        return no_memory(count);
    struct kvm_msr_entry *before = count <= SMALL_BATCH ? small + SMALL_BATCH : entries + count;
    size_t found = collect(entries, names, values, count);
    collect(before, names, NULL, count);
    abx_status status = write_entries(vcpu, entries, before, found);
    if (entries != small)
        free(entries);
    return status;
}
