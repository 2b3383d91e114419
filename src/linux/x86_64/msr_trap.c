/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_backend.h"

#include <inttypes.h>

/* A filter is set as a whole: a bit for each MSR of a range, and a clear one denies the access, which then comes out.
 */
static abx_status set_filter(const abx_kvm_vm *vm, const struct abx_kvm_msr_trap *traps, size_t count)
{
    static uint8_t nothing_allowed[KVM_MSR_FILTER_MAX_BITMAP_SIZE]; /* the kernel's structure has no const */
    struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_ALLOW };
    for (size_t i = 0; i < count; i++) {
        filter.ranges[i] = (struct kvm_msr_filter_range){
            .flags = (traps[i].reads ? KVM_MSR_FILTER_READ : 0u) | (traps[i].writes ? KVM_MSR_FILTER_WRITE : 0u),
            .nmsrs = traps[i].count,
            .base = traps[i].first,
            .bitmap = nothing_allowed,
        };
    }
    return abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter), "trap MSRs 0x%" PRIx32 " and on",
                         traps[count - 1].first);
}

abx_status abx_kvm_trap_msrs(void *object, uint32_t first, uint32_t count, bool reads, bool writes)
{
    abx_kvm_vm *vm = object;
    struct abx_kvm_arch_vm *arch = &vm->arch;
    if (count == 0 || (!reads && !writes) || first > UINT32_MAX - (count - 1))
        return abx_fail(ABX_ERR_INVALID, 0, "Name at least one MSR, and reads or writes or both.", "trap MSRs");
    if (count > KVM_MSR_FILTER_MAX_BITMAP_SIZE * 8)
        return abx_fail(ABX_ERR_LIMIT, 0, "A range has at most 12288 MSRs.", "trap %" PRIu32 " MSRs", count);
    if (!vm->config->msr_exits)
        return abx_fail(ABX_ERR_STATE, 0, "Set config.msr_exits.", "trap MSRs");

    abx_status status;
    pthread_mutex_lock(&arch->trap_lock);
    if (arch->trap_count == ABX_KVM_MSR_TRAPS) {
        status = abx_fail(ABX_ERR_LIMIT, 0, "At most 16 ranges can be trapped.", "trap MSRs");
    } else {
        arch->traps[arch->trap_count] = (struct abx_kvm_msr_trap){ first, count, reads, writes };
        status = set_filter(vm, arch->traps, arch->trap_count + 1);
        if (status == ABX_OK)
            arch->trap_count++;
    }
    pthread_mutex_unlock(&arch->trap_lock);
    return status;
}
