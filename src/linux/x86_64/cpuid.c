/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_GUESS = 96 }; /* entries; present hosts have 30 to 70 */

/* Entries wanted to hold what the host supports, however much that becomes. */
enum { MOST_ENTRIES = 4096 };

/* More than a vCPU's own shape ever adds: its topology and timing. */
enum { ADDED_ENTRIES = 16 };

static abx_status no_memory(void)
{
    return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "hold CPUID");
}

abx_status abx_kvm_cpuid_load(abx_kvm_hypervisor *hypervisor)
{
    for (uint32_t room = FIRST_GUESS; room <= MOST_ENTRIES; room *= 2) {
        struct kvm_cpuid2 *table = malloc(sizeof(*table) + room * sizeof(table->entries[0]));
        if (!table)
            return no_memory();
        *table = (struct kvm_cpuid2){ .nent = room };
        int result = abx_kvm_ioctl(hypervisor->fd, KVM_GET_SUPPORTED_CPUID, table);
        if (result >= 0 && table->nent <= room) {
            hypervisor->arch.cpuid = table;
            return ABX_OK;
        }
        free(table);
        if (result != -E2BIG)
            return abx_kvm_check(result < 0 ? result : -EPROTO, "get the supported CPUID");
    }
    return abx_kvm_check(-E2BIG, "get the supported CPUID");
}

abx_status abx_cpuid_fetch(const abx_kvm_vcpu *vcpu, abx_cpuid_table *table)
{
    table->kvm.nent = ABX_CPUID_MAX_ENTRIES;
    table->kvm.padding = 0;
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_CPUID2, table), "get CPUID");
    if (status == ABX_OK && table->kvm.nent > ABX_CPUID_MAX_ENTRIES)
        status = abx_kvm_check(-EPROTO, "get CPUID");
    return status;
}

abx_status abx_cpuid_store(const abx_kvm_vcpu *vcpu, const struct kvm_cpuid2 *table)
{
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, table);
    if (result == -EINVAL && vcpu->run->exit_reason != KVM_EXIT_UNKNOWN)
        return abx_fail(ABX_ERR_STATE, EINVAL, "a vCPU's CPUID is fixed once it has run", "set CPUID");
    return abx_kvm_check(result, "set CPUID");
}

abx_status abx_kvm_cpuid_apply(abx_kvm_vcpu *vcpu)
{
    const abx_kvm_hypervisor *hypervisor = vcpu->vm->hypervisor;
    const abx_vm_config *config = vcpu->vm->config;
    const struct kvm_cpuid2 *supported = hypervisor->arch.cpuid;
    bool local_apic = config->irqchip != ABX_IRQCHIP_NONE;
    int khz = abx_kvm_ioctl_value(vcpu->fd, KVM_GET_TSC_KHZ, 0);
    const abx_cpuid_shape shape = {
        .apic_id = vcpu->id,
        .cpus = config->cpus,
        .tsc_khz = khz > 0 ? (uint32_t)khz : 0, /* unstable TSCs have no frequency */
        .nested = config->nested == ABX_YES,
        .local_apic = local_apic,
        .tsc_deadline = local_apic && abx_kvm_extension(hypervisor->fd, KVM_CAP_TSC_DEADLINE_TIMER) > 0,
    };
    size_t count = supported->nent < ABX_CPUID_MAX_ENTRIES ? supported->nent : ABX_CPUID_MAX_ENTRIES;
    size_t room = count < ABX_CPUID_MAX_ENTRIES - ADDED_ENTRIES ? count + ADDED_ENTRIES : ABX_CPUID_MAX_ENTRIES;
    struct kvm_cpuid2 *table = malloc(sizeof(*table) + room * sizeof(table->entries[0]));
    if (!table)
        return no_memory();
    memcpy(table->entries, supported->entries, count * sizeof(supported->entries[0]));
    table->padding = 0;
    table->nent = (uint32_t)abx_cpuid_apply_shape(table->entries, count, room, &shape);
    abx_status status = abx_cpuid_store(vcpu, table);
    free(table);
    return status;
}

static void to_public(abx_x86_cpuid *out, const struct kvm_cpuid_entry2 *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (abx_x86_cpuid){
            .leaf = in[i].function,
            .subleaf = in[i].index,
            .has_subleaf = in[i].flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
            .eax = in[i].eax,
            .ebx = in[i].ebx,
            .ecx = in[i].ecx,
            .edx = in[i].edx,
        };
}

/* As many entries as there is room for. */
static void give(const struct kvm_cpuid2 *table, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    to_public(entries, table->entries, table->nent < capacity ? table->nent : capacity);
    *count = table->nent;
}

abx_status abx_kvm_supported_cpuid(const void *object, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    const abx_kvm_hypervisor *hypervisor = object;
    give(hypervisor->arch.cpuid, entries, capacity, count);
    return ABX_OK;
}

abx_status abx_kvm_get_cpuid(void *object, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    abx_cpuid_table table;
    abx_status status = abx_cpuid_fetch(object, &table);
    if (status == ABX_OK)
        give(&table.kvm, entries, capacity, count);
    return status;
}

abx_status abx_kvm_set_cpuid(void *object, const abx_x86_cpuid *entries, size_t count)
{
    if (count > ABX_CPUID_MAX_ENTRIES)
        return abx_fail(ABX_ERR_LIMIT, 0, "KVM takes at most 256 entries", "set %zu entries of CPUID", count);
    abx_cpuid_table table;
    table.kvm.nent = (uint32_t)count;
    table.kvm.padding = 0;
    for (size_t i = 0; i < count; i++)
        table.kvm.entries[i] = (struct kvm_cpuid_entry2){
            .function = entries[i].leaf,
            .index = entries[i].subleaf,
            .flags = entries[i].has_subleaf ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
            .eax = entries[i].eax,
            .ebx = entries[i].ebx,
            .ecx = entries[i].ecx,
            .edx = entries[i].edx,
        };
    return abx_cpuid_store(object, &table.kvm);
}
