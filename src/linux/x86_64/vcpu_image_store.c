/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid.h"
#include "msr_batch.h"
#include "vcpu_image.h"

#include <errno.h>
#include <inttypes.h>

#define MSR_TSC_DEADLINE UINT32_C(0x6e0) /* SDM vol. 4, 2.1 */

/* An MSR that cannot be set is no trouble as long as it has the value that it shall have. */
static abx_status check_equal(const abx_kvm_vcpu *vcpu, const struct kvm_msr_entry *wanted)
{
    struct kvm_msr_entry present = { .index = wanted->index };
    size_t known;
    abx_status status = abx_msr_read_known(vcpu->fd, &present, 1, &known);
    if (status != ABX_OK || (known == 1 && present.data == wanted->data))
        return status;
    return abx_fail(ABX_ERR_SYSTEM, 0, "this host does not take the value that it was saved with",
                    "set MSR %#" PRIx32 " to %#" PRIx64, wanted->index, (uint64_t)wanted->data);
}

static abx_status store_range(const abx_kvm_vcpu *vcpu, struct kvm_msr_entry *msrs, size_t count)
{
    for (size_t next = 0; next < count;) {
        size_t done;
        abx_status status = abx_msr_batch(vcpu->fd, KVM_SET_MSRS, msrs + next, count - next, &done);
        next += done;
        if (status == ABX_OK && next < count)
            status = check_equal(vcpu, &msrs[next++]);
        if (status != ABX_OK)
            return status;
    }
    return ABX_OK;
}

/* The deadline comes last: it counts only with the TSC and the APIC's timer mode in place. */
static abx_status store_msrs(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    for (size_t i = 0; i < image->msr_count; i++) {
        if (image->msrs[i].index != MSR_TSC_DEADLINE)
            continue;
        abx_status status = store_range(vcpu, image->msrs, i);
        if (status == ABX_OK)
            status = store_range(vcpu, image->msrs + i + 1, image->msr_count - i - 1);
        return status == ABX_OK ? store_range(vcpu, &image->msrs[i], 1) : status;
    }
    return store_range(vcpu, image->msrs, image->msr_count);
}

static abx_status store_tsc_khz(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    int present = abx_kvm_ioctl_value(vcpu->fd, KVM_GET_TSC_KHZ, 0);
    if (image->tsc_khz == 0 || present == (int)image->tsc_khz)
        return ABX_OK;
    return abx_kvm_check(abx_kvm_ioctl_value(vcpu->fd, KVM_SET_TSC_KHZ, image->tsc_khz),
                         "set the TSC frequency to %" PRIu32 " kHz", image->tsc_khz);
}

typedef struct part {
    bool wanted;
    unsigned long request;
    const void *structure;
    const char *what;
} part;

static abx_status store_parts(const abx_kvm_vcpu *vcpu, const part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!parts[i].wanted)
            continue;
        int result = abx_kvm_ioctl(vcpu->fd, parts[i].request, parts[i].structure);
        if (result < 0)
            return abx_kvm_check(result, "set a vCPU's %s", parts[i].what);
    }
    return ABX_OK;
}

/*
 * The order matters: CPUID decides what the rest may hold; the APIC's base (in the system registers) comes before the
 * APIC, and that before the MSRs of its timer; setting registers drops pending exceptions, so that events come last.
 */
abx_status abx_vcpu_image_store(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    struct kvm_vcpu_events events = image->events;
    events.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
    const part first[] = {
        { !image->has_sregs2, KVM_SET_SREGS, &image->sregs, "system registers" },
        { image->has_sregs2, KVM_SET_SREGS2, &image->sregs2, "system registers" },
        { image->nested_size > 0, KVM_SET_NESTED_STATE, image->nested, "nested guests" },
        { true, KVM_SET_REGS, &image->general, "registers" },
        { image->xcrs.nr_xcrs > 0, KVM_SET_XCRS, &image->xcrs, "extended control registers" },
        { true, KVM_SET_XSAVE, image->xsave, "XSAVE state" },
        { true, KVM_SET_DEBUGREGS, &image->debug, "debug registers" },
        { image->has_lapic, KVM_SET_LAPIC, &image->lapic, "local APIC" },
    };
    const part last[] = {
        { true, KVM_SET_MP_STATE, &image->mp_state, "MP state" },
        { true, KVM_SET_VCPU_EVENTS, &events, "pending events" },
    };
    abx_status status = abx_cpuid_store(vcpu, &image->cpuid.kvm);
    if (status == ABX_OK)
        status = store_tsc_khz(image, vcpu);
    if (status == ABX_OK)
        status = store_parts(vcpu, first, sizeof(first) / sizeof(first[0]));
    if (status == ABX_OK)
        status = store_msrs(image, vcpu);
    if (status == ABX_OK)
        status = store_parts(vcpu, last, sizeof(last) / sizeof(last[0]));
    /* Without a local APIC in the kernel each entry takes CR8 from here; it is at the same place in both structures. */
    vcpu->run->cr8 = image->sregs.cr8;
    return status;
}
