/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_kernel.h"

#include <errno.h>
#include <string.h>

/* Lists longer than the first guess of who asks, and an XSAVE state longer than the first 4 KiB. */
enum { CPUID_ENTRIES = 100, MSRS = 600, XSAVE_SIZE = 8192, MOST_ENTRIES = 256 };
#define ECX_VMX (UINT32_C(1) << 5)

/* What the vCPU was given last; none: what the host has. */
static struct kvm_cpuid_entry2 given[MOST_ENTRIES];
static uint32_t given_count;

void kvm_kernel_reset_arch(void)
{
    fake.extensions[KVM_CAP_XSAVE2] = XSAVE_SIZE;
    fake.extensions[KVM_CAP_NESTED_STATE] = sizeof(struct kvm_nested_state) + 4096;
    given_count = 0;
}

static int list_cpuid(struct kvm_cpuid2 *table)
{
    if (table->nent < CPUID_ENTRIES)
        return E2BIG;
    table->nent = CPUID_ENTRIES;
    memset(table->entries, 0, CPUID_ENTRIES * sizeof(table->entries[0]));
    for (uint32_t i = 0; i < CPUID_ENTRIES; i++)
        table->entries[i].function = i;
    table->entries[1].ecx = ECX_VMX;
    return 0;
}

static int keep_cpuid(const struct kvm_cpuid2 *table)
{
    if (table->nent > MOST_ENTRIES)
        return E2BIG;
    memcpy(given, table->entries, table->nent * sizeof(given[0]));
    given_count = table->nent;
    return 0;
}

static int show_cpuid(struct kvm_cpuid2 *table)
{
    if (table->nent < given_count)
        return E2BIG;
    memcpy(table->entries, given, given_count * sizeof(given[0]));
    table->nent = given_count;
    return 0;
}

static int list_msrs(struct kvm_msr_list *list)
{
    uint32_t room = list->nmsrs;
    list->nmsrs = MSRS;
    if (room < MSRS)
        return E2BIG;
    for (uint32_t i = 0; i < MSRS; i++)
        list->indices[i] = i;
    return 0;
}

static int get_msrs(struct kvm_msrs *batch)
{
    for (uint32_t i = 0; i < batch->nmsrs; i++)
        batch->entries[i].data = 0;
    return (int)batch->nmsrs;
}

static void get_xcrs(struct kvm_xcrs *registers)
{
    memset(registers, 0, sizeof(*registers));
    registers->nr_xcrs = 1;
    registers->xcrs[0].value = 1;
}

bool kvm_kernel_answer_arch(unsigned long request, unsigned long value, int *error, int *result)
{
    void *argument = (void *)value; /* NOLINT(performance-no-int-to-ptr): that is what ioctl(2) has */
    switch (request) {
    case KVM_GET_SUPPORTED_CPUID:
        *error = list_cpuid(argument);
        return true;
    case KVM_SET_CPUID2:
        *error = keep_cpuid(argument);
        return true;
    case KVM_GET_CPUID2:
        *error = show_cpuid(argument);
        return true;
    case KVM_GET_MSR_INDEX_LIST:
        *error = list_msrs(argument);
        return true;
    case KVM_GET_MSRS:
        *result = get_msrs(argument);
        return true;
    case KVM_SET_MSRS:
        *result = (int)((const struct kvm_msrs *)argument)->nmsrs;
        return true;
    case KVM_GET_XCRS:
        get_xcrs(argument);
        return true;
    case KVM_GET_XSAVE2:
        memset(argument, 0, XSAVE_SIZE);
        return true;
    case KVM_SET_XSAVE: /* its number tells 4 KiB */
        return true;
    case KVM_GET_NESTED_STATE:
        ((struct kvm_nested_state *)argument)->size = sizeof(struct kvm_nested_state);
        return true;
    case KVM_GET_TSC_KHZ:
        *result = 2000000;
        return true;
    default:
        return false;
    }
}
