/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/x86_64.h>

#include "backends.h"
#include "hypervisor_internal.h"
#include "vcpu_internal.h"

#define AT(function) offsetof(abx_backend_x86_64, function)

static bool has(const abx_backend *backend, size_t offset)
{
    return backend->x86_64 && abx_table_has(backend->x86_64, offset);
}

static abx_status check_vm(const abx_vm *vm, bool valid, size_t offset, const char *operation)
{
    abx_status status = abx_vm_check(vm, valid, ABX_CAP_MANUAL, offsetof(abx_backend, vm_create), operation);
    if (status != ABX_OK)
        return status;
    bool able = abx_vm_get_config(vm)->arch == ABX_ARCH_X86_64 && has(abx_vm_backend(vm), offset);
    return able ? ABX_OK : abx_fail_absent(abx_vm_backend(vm), operation);
}

static abx_status check_vcpu(const abx_vcpu *vcpu, bool valid, size_t offset, const char *operation)
{
    abx_status status = abx_vcpu_check(vcpu, valid, ABX_CAP_MANUAL, offsetof(abx_backend, vcpu_run), operation);
    return status != ABX_OK ? status : check_vm(vcpu->vm, true, offset, operation);
}

static abx_status check_hypervisor(const abx_hypervisor *hypervisor, bool valid, size_t offset, const char *operation)
{
    if (!hypervisor || !valid)
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL or out of its range.", "%s", operation);
    const abx_backend *backend = abx_hypervisor_table(hypervisor);
    return has(backend, offset) ? ABX_OK : abx_fail_absent(backend, operation);
}

abx_status abx_x86_get_fpu(abx_vcpu *vcpu, abx_x86_fpu *fpu)
{
    abx_status status = check_vcpu(vcpu, fpu, AT(get_fpu), "get the FPU");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_fpu(vcpu->object, fpu);
}

abx_status abx_x86_set_fpu(abx_vcpu *vcpu, const abx_x86_fpu *fpu)
{
    abx_status status = check_vcpu(vcpu, fpu, AT(set_fpu), "set the FPU");
    return status != ABX_OK ? status : vcpu->backend->x86_64->set_fpu(vcpu->object, fpu);
}

abx_status abx_x86_get_xsave(abx_vcpu *vcpu, void *buffer, size_t capacity, size_t *size)
{
    abx_status status = check_vcpu(vcpu, (buffer || !capacity) && size, AT(get_xsave), "get the XSAVE area");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_xsave(vcpu->object, buffer, capacity, size);
}

abx_status abx_x86_set_xsave(abx_vcpu *vcpu, const void *buffer, size_t size)
{
    abx_status status = check_vcpu(vcpu, buffer, AT(set_xsave), "set the XSAVE area");
    return status != ABX_OK ? status : vcpu->backend->x86_64->set_xsave(vcpu->object, buffer, size);
}

/* The local APIC is somewhere only where the kernel has it. */
static abx_status check_lapic(const abx_vcpu *vcpu, bool valid, size_t offset, const char *operation)
{
    abx_status status = check_vcpu(vcpu, valid, offset, operation);
    if (status == ABX_OK && abx_vm_get_config(vcpu->vm)->irqchip == ABX_IRQCHIP_NONE)
        return abx_fail(ABX_ERR_STATE, 0, "Configure the VM with irqchip KERNEL or SPLIT.", "%s", operation);
    return status;
}

abx_status abx_x86_get_lapic(abx_vcpu *vcpu, abx_x86_lapic *lapic)
{
    abx_status status = check_lapic(vcpu, lapic, AT(get_lapic), "get the local APIC");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_lapic(vcpu->object, lapic);
}

abx_status abx_x86_set_lapic(abx_vcpu *vcpu, const abx_x86_lapic *lapic)
{
    abx_status status = check_lapic(vcpu, lapic, AT(set_lapic), "set the local APIC");
    return status != ABX_OK ? status : vcpu->backend->x86_64->set_lapic(vcpu->object, lapic);
}

abx_status abx_x86_get_events(abx_vcpu *vcpu, abx_x86_events *events)
{
    abx_status status = check_vcpu(vcpu, events, AT(get_events), "get pending events");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_events(vcpu->object, events);
}

abx_status abx_x86_set_events(abx_vcpu *vcpu, const abx_x86_events *events)
{
    abx_status status = check_vcpu(vcpu, events, AT(set_events), "set pending events");
    return status != ABX_OK ? status : vcpu->backend->x86_64->set_events(vcpu->object, events);
}

abx_status abx_x86_supported_cpuid(const abx_hypervisor *hypervisor, abx_x86_cpuid *entries, size_t capacity,
                                   size_t *count)
{
    abx_status status = check_hypervisor(hypervisor, (entries || !capacity) && count, AT(supported_cpuid),
                                         "list the supported CPUID leaves");
    if (status != ABX_OK)
        return status;
    return abx_hypervisor_table(hypervisor)
        ->x86_64->supported_cpuid(abx_hypervisor_object(hypervisor), entries, capacity, count);
}

abx_status abx_x86_set_cpuid(abx_vcpu *vcpu, const abx_x86_cpuid *entries, size_t count)
{
    abx_status status = check_vcpu(vcpu, entries || !count, AT(set_cpuid), "set the CPUID leaves");
    return status != ABX_OK ? status : vcpu->backend->x86_64->set_cpuid(vcpu->object, entries, count);
}

abx_status abx_x86_get_cpuid(abx_vcpu *vcpu, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    abx_status status = check_vcpu(vcpu, (entries || !capacity) && count, AT(get_cpuid), "get the CPUID leaves");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_cpuid(vcpu->object, entries, capacity, count);
}

abx_status abx_x86_msr_list(const abx_hypervisor *hypervisor, uint32_t *indices, size_t capacity, size_t *count)
{
    abx_status status =
        check_hypervisor(hypervisor, (indices || !capacity) && count, AT(msr_list), "list the guest's MSRs");
    if (status != ABX_OK)
        return status;
    return abx_hypervisor_table(hypervisor)
        ->x86_64->msr_list(abx_hypervisor_object(hypervisor), indices, capacity, count);
}

abx_status abx_x86_get_tsc_khz(abx_vcpu *vcpu, uint32_t *khz)
{
    abx_status status = check_vcpu(vcpu, khz, AT(get_tsc_khz), "get the TSC frequency");
    return status != ABX_OK ? status : vcpu->backend->x86_64->get_tsc_khz(vcpu->object, khz);
}

abx_status abx_x86_set_tsc_khz(abx_vcpu *vcpu, uint32_t khz)
{
    static const char operation[] = "set the TSC frequency";
    abx_status status = check_vcpu(vcpu, khz, AT(set_tsc_khz), operation);
    if (status != ABX_OK)
        return status;
    if (!abx_hypervisor_has(abx_vm_get_hypervisor(vcpu->vm), ABX_CAP_TSC_CONTROL))
        return abx_fail_absent(vcpu->backend, operation);
    return vcpu->backend->x86_64->set_tsc_khz(vcpu->object, khz);
}

abx_status abx_x86_get_clock(abx_vm *vm, uint64_t *nanoseconds)
{
    abx_status status = check_vm(vm, nanoseconds, AT(get_clock), "get the guest's clock");
    return status != ABX_OK ? status : abx_vm_backend(vm)->x86_64->get_clock(abx_vm_backend_object(vm), nanoseconds);
}

abx_status abx_x86_set_clock(abx_vm *vm, uint64_t nanoseconds)
{
    abx_status status = check_vm(vm, true, AT(set_clock), "set the guest's clock");
    return status != ABX_OK ? status : abx_vm_backend(vm)->x86_64->set_clock(abx_vm_backend_object(vm), nanoseconds);
}

abx_status abx_x86_trap_msrs(abx_vm *vm, uint32_t first, uint32_t count, bool reads, bool writes)
{
    static const char operation[] = "trap MSRs";
    bool valid = count && first <= UINT32_MAX - (count - 1) && (reads || writes);
    abx_status status = check_vm(vm, valid, AT(trap_msrs), operation);
    if (status != ABX_OK)
        return status;
    if (!abx_vm_get_config(vm)->msr_exits)
        return abx_fail(ABX_ERR_STATE, 0, "Configure the VM with msr_exits.", "%s", operation);
    if (abx_vm_get_state(vm) != ABX_VM_CREATED)
        return abx_fail(ABX_ERR_STATE, 0, "Do it before the VM starts.", "%s", operation);
    return abx_vm_backend(vm)->x86_64->trap_msrs(abx_vm_backend_object(vm), first, count, reads, writes);
}
