/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid_cover.h"
#include "vcpu_image.h"

#include <string.h>

/* Sections of a block. Numbers never change meaning. */
enum {
    TAG_CPUID = 1,
    TAG_TSC_KHZ,
    TAG_MP_STATE,
    TAG_EVENTS,
    TAG_GENERAL,
    TAG_SREGS,
    TAG_SREGS2,
    TAG_DEBUG,
    TAG_XCRS,
    TAG_XSAVE,
    TAG_LAPIC,
    TAG_MSRS,
    TAG_NESTED,
};

enum {
    EVENT_FLAGS = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SIPI_VECTOR | KVM_VCPUEVENT_VALID_SHADOW |
                  KVM_VCPUEVENT_VALID_SMM | KVM_VCPUEVENT_VALID_PAYLOAD | KVM_VCPUEVENT_VALID_TRIPLE_FAULT,
};

_Static_assert(offsetof(struct kvm_sregs, cr8) == offsetof(struct kvm_sregs2, cr8), "the layouts begin alike");

size_t abx_vcpu_image_write(const abx_vcpu_image *image, void *buffer, size_t capacity)
{
    abx_state_writer writer;
    abx_state_begin(&writer, buffer, capacity, ABX_ARCH_X86_64);
    abx_state_add(&writer, TAG_CPUID, image->cpuid.kvm.entries,
                  image->cpuid.kvm.nent * sizeof(image->cpuid.kvm.entries[0]));
    abx_state_add(&writer, TAG_TSC_KHZ, &image->tsc_khz, sizeof(image->tsc_khz));
    abx_state_add(&writer, TAG_MP_STATE, &image->mp_state, sizeof(image->mp_state));
    abx_state_add(&writer, TAG_EVENTS, &image->events, sizeof(image->events));
    abx_state_add(&writer, TAG_GENERAL, &image->general, sizeof(image->general));
    if (image->has_sregs2)
        abx_state_add(&writer, TAG_SREGS2, &image->sregs2, sizeof(image->sregs2));
    else
        abx_state_add(&writer, TAG_SREGS, &image->sregs, sizeof(image->sregs));
    abx_state_add(&writer, TAG_DEBUG, &image->debug, sizeof(image->debug));
    abx_state_add(&writer, TAG_XCRS, &image->xcrs, sizeof(image->xcrs));
    abx_state_add(&writer, TAG_XSAVE, image->xsave, image->xsave_size);
    if (image->has_lapic)
        abx_state_add(&writer, TAG_LAPIC, &image->lapic, sizeof(image->lapic));
    abx_state_add(&writer, TAG_MSRS, image->msrs, image->msr_count * sizeof(*image->msrs));
    if (image->nested_size > 0)
        abx_state_add(&writer, TAG_NESTED, image->nested, image->nested_size);
    return abx_state_finish(&writer);
}

static abx_status bad(const char *advice)
{
    return abx_fail(ABX_ERR_FORMAT, 0, advice, "read an x86_64 vCPU's saved state");
}

/* Copies a section of whole elements, at most `most` of them. */
static abx_status take_array(const abx_state_reader *reader, uint32_t tag, void *out, size_t element, size_t most,
                             size_t *count)
{
    size_t length;
    const void *data = abx_state_find(reader, tag, &length);
    if (!data)
        return bad("a section that belongs to every vCPU's state is missing");
    if (length % element != 0 || length / element > most)
        return bad("a section is longer than this host has room for");
    if (length > 0)
        memcpy(out, data, length);
    *count = length / element;
    return ABX_OK;
}

/* A KVM without hardware virtualization cannot hide the host's features: vCPUs have more than it says it supports. */
static abx_status take_cpuid(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor,
                             const struct kvm_cpuid2 *present, const abx_state_reader *reader)
{
    struct kvm_cpuid2 *cpuid = &image->cpuid.kvm;
    size_t count = 0;
    abx_status status =
        take_array(reader, TAG_CPUID, cpuid->entries, sizeof(cpuid->entries[0]), ABX_CPUID_MAX_ENTRIES, &count);
    if (status != ABX_OK)
        return status;
    cpuid->nent = (uint32_t)count;
    cpuid->padding = 0;
    const struct kvm_cpuid2 *host = hypervisor->arch.cpuid;
    if (!abx_cpuid_covers(host->entries, host->nent, cpuid->entries, count) &&
        !abx_cpuid_covers(present->entries, present->nent, cpuid->entries, count))
        return bad("it was saved on a CPU of another make, or with features that this host does not have");
    return ABX_OK;
}

static bool is_listed(const struct kvm_msr_list *list, uint32_t index)
{
    for (uint32_t i = 0; i < list->nmsrs; i++) {
        if (list->indices[i] == index)
            return true;
    }
    return false;
}

static abx_status take_msrs(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor, const abx_state_reader *reader)
{
    abx_status status =
        take_array(reader, TAG_MSRS, image->msrs, sizeof(*image->msrs), image->msr_capacity, &image->msr_count);
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < image->msr_count; i++) {
        if (!is_listed(hypervisor->arch.msrs, image->msrs[i].index))
            return bad("it has an MSR that this host does not have");
        image->msrs[i].reserved = 0;
    }
    return ABX_OK;
}

static abx_status take_events(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor,
                              const abx_state_reader *reader)
{
    abx_status status = abx_state_take(reader, TAG_EVENTS, &image->events, sizeof(image->events));
    if (status != ABX_OK)
        return status;
    uint32_t flags = image->events.flags;
    if (flags & ~(uint32_t)EVENT_FLAGS ||
        (flags & KVM_VCPUEVENT_VALID_PAYLOAD && !hypervisor->arch.exception_payload) ||
        (flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT && !hypervisor->arch.triple_fault_event))
        return bad("it has events that this host does not know");
    return ABX_OK;
}

/* What depends on how the VM was made. */
static abx_status take_optional(abx_vcpu_image *image, const abx_state_reader *reader)
{
    size_t length;
    bool has_lapic = abx_state_find(reader, TAG_LAPIC, &length);
    if (has_lapic != image->has_lapic)
        return bad("it was saved from a VM with another kind of interrupt controller");
    abx_status status = has_lapic ? abx_state_take(reader, TAG_LAPIC, &image->lapic, sizeof(image->lapic)) : ABX_OK;
    const void *nested = abx_state_find(reader, TAG_NESTED, &length);
    if (status != ABX_OK || !nested)
        return status;
    if (!image->nested || length > image->nested_capacity || length < sizeof(*image->nested))
        return bad("it was saved from a VM with nested virtualization of another kind");
    memcpy(image->nested, nested, length);
    if (image->nested->size != length)
        return bad("the state of nested guests is cut off");
    image->nested_size = length;
    return ABX_OK;
}

static abx_status take_structures(abx_vcpu_image *image, const abx_state_reader *reader)
{
    const struct {
        uint32_t tag;
        void *room;
        size_t length;
    } parts[] = {
        { TAG_TSC_KHZ, &image->tsc_khz, sizeof(image->tsc_khz) },
        { TAG_MP_STATE, &image->mp_state, sizeof(image->mp_state) },
        { TAG_GENERAL, &image->general, sizeof(image->general) },
        { image->has_sregs2 ? TAG_SREGS2 : TAG_SREGS, &image->sregs2,
          image->has_sregs2 ? sizeof(image->sregs2) : sizeof(image->sregs) },
        { TAG_DEBUG, &image->debug, sizeof(image->debug) },
        { TAG_XCRS, &image->xcrs, sizeof(image->xcrs) },
        { TAG_XSAVE, image->xsave, image->xsave_size },
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        abx_status status = abx_state_take(reader, parts[i].tag, parts[i].room, parts[i].length);
        if (status != ABX_OK)
            return status;
    }
    if (image->xcrs.nr_xcrs > KVM_MAX_XCRS || image->xcrs.flags != 0)
        return bad("it has extended control registers that there are not");
    if (image->mp_state.mp_state > KVM_MP_STATE_SIPI_RECEIVED)
        return bad("it has an MP state that x86_64 does not have");
    return ABX_OK;
}

abx_status abx_vcpu_image_parse(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor,
                                const struct kvm_cpuid2 *present, const void *block, size_t size)
{
    abx_state_reader reader;
    abx_status status = abx_state_open(&reader, block, size, ABX_ARCH_X86_64);
    if (status == ABX_OK)
        status = take_structures(image, &reader);
    if (status == ABX_OK)
        status = take_cpuid(image, hypervisor, present, &reader);
    if (status == ABX_OK)
        status = take_msrs(image, hypervisor, &reader);
    if (status == ABX_OK)
        status = take_events(image, hypervisor, &reader);
    if (status == ABX_OK)
        status = take_optional(image, &reader);
    return status;
}
