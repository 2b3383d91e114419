/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/arm64.h>

#include "backends.h"
#include "vcpu_internal.h"

#define AT(function) offsetof(abx_backend_arm64, function)

static abx_status check_vm(const abx_vm *vm, bool valid, size_t offset, const char *operation)
{
    abx_status status = abx_vm_check(vm, valid, ABX_CAP_MANUAL, offsetof(abx_backend, vm_create), operation);
    if (status != ABX_OK)
        return status;
    const abx_backend *backend = abx_vm_backend(vm);
    bool able =
        abx_vm_get_config(vm)->arch == ABX_ARCH_ARM64 && backend->arm64 && abx_table_has(backend->arm64, offset);
    return able ? ABX_OK : abx_fail_absent(backend, operation);
}

static abx_status check_vcpu(const abx_vcpu *vcpu, bool valid, size_t offset, const char *operation)
{
    abx_status status = abx_vcpu_check(vcpu, valid, ABX_CAP_MANUAL, offsetof(abx_backend, vcpu_run), operation);
    return status != ABX_OK ? status : check_vm(vcpu->vm, true, offset, operation);
}

static abx_status check_gic(const abx_vm *vm, bool valid, size_t offset, const char *operation)
{
    abx_status status = check_vm(vm, valid, offset, operation);
    if (status == ABX_OK && abx_vm_get_config(vm)->irqchip == ABX_IRQCHIP_NONE)
        return abx_fail(ABX_ERR_STATE, 0, "Configure the VM with irqchip KERNEL.", "%s", operation);
    return status;
}

/* For what a controller outside the kernel does. */
static abx_status check_bare(const abx_vcpu *vcpu, size_t offset, const char *operation)
{
    abx_status status = check_vcpu(vcpu, true, offset, operation);
    if (status == ABX_OK && abx_vm_get_config(vcpu->vm)->irqchip != ABX_IRQCHIP_NONE)
        return abx_fail(ABX_ERR_STATE, 0, "Configure the VM with irqchip NONE.", "%s", operation);
    return status;
}

abx_status abx_arm64_get_gic(const abx_vm *vm, abx_arm64_gic *gic)
{
    abx_status status = check_gic(vm, gic, AT(get_gic), "describe the interrupt controllers");
    return status != ABX_OK ? status : abx_vm_backend(vm)->arm64->get_gic(abx_vm_backend_object(vm), gic);
}

abx_status abx_arm64_set_ppi(abx_vm *vm, uint32_t id, uint32_t ppi, bool level)
{
    enum { PPIS = 16 };
    static const char operation[] = "set a private interrupt";
    abx_status status = check_gic(vm, true, AT(set_ppi), operation);
    if (status == ABX_OK && (id >= abx_vm_get_config(vm)->cpus || ppi >= PPIS))
        return abx_fail(ABX_ERR_LIMIT, 0, "Private interrupts are 0 to 15, vCPUs as many as config.cpus.",
                        "%s %u of vCPU %u", operation, ppi, id);
    if (status == ABX_OK)
        status = abx_vm_seal(vm);
    return status != ABX_OK ? status : abx_vm_backend(vm)->arm64->set_ppi(abx_vm_backend_object(vm), id, ppi, level);
}

abx_status abx_arm64_save_gic(abx_vm *vm, void *buffer, size_t capacity, size_t *size)
{
    abx_status status =
        check_gic(vm, (buffer || !capacity) && size, AT(save_gic), "save the state of interrupt controllers");
    if (status == ABX_OK)
        status = abx_vm_seal(vm);
    if (status != ABX_OK)
        return status;
    return abx_vm_backend(vm)->arm64->save_gic(abx_vm_backend_object(vm), buffer, capacity, size);
}

abx_status abx_arm64_restore_gic(abx_vm *vm, const void *buffer, size_t size)
{
    abx_status status = check_gic(vm, buffer, AT(restore_gic), "restore the state of interrupt controllers");
    if (status == ABX_OK)
        status = abx_vm_seal(vm);
    if (status != ABX_OK)
        return status;
    return abx_vm_backend(vm)->arm64->restore_gic(abx_vm_backend_object(vm), buffer, size);
}

abx_status abx_arm64_get_events(abx_vcpu *vcpu, abx_arm64_events *events)
{
    abx_status status = check_vcpu(vcpu, events, AT(get_events), "get pending events");
    return status != ABX_OK ? status : vcpu->backend->arm64->get_events(vcpu->object, events);
}

abx_status abx_arm64_set_events(abx_vcpu *vcpu, const abx_arm64_events *events)
{
    abx_status status = check_vcpu(vcpu, events, AT(set_events), "set pending events");
    return status != ABX_OK ? status : vcpu->backend->arm64->set_events(vcpu->object, events);
}

abx_status abx_arm64_sysreg_list(abx_vcpu *vcpu, abx_reg *names, size_t capacity, size_t *count)
{
    abx_status status = check_vcpu(vcpu, (names || !capacity) && count, AT(sysreg_list), "list the system registers");
    return status != ABX_OK ? status : vcpu->backend->arm64->sysreg_list(vcpu->object, names, capacity, count);
}

abx_status abx_arm64_reset(abx_vcpu *vcpu)
{
    abx_status status = check_vcpu(vcpu, true, AT(reset), "reset a vCPU");
    return status != ABX_OK ? status : vcpu->backend->arm64->reset(vcpu->object);
}

abx_status abx_arm64_set_irq(abx_vcpu *vcpu, bool irq, bool fiq)
{
    abx_status status = check_bare(vcpu, AT(set_irq), "set a vCPU's interrupt inputs");
    return status != ABX_OK ? status : vcpu->backend->arm64->set_irq(vcpu->object, irq, fiq);
}

abx_status abx_arm64_get_timer(abx_vcpu *vcpu, abx_arm64_timer *timer)
{
    abx_status status = check_vcpu(vcpu, timer, AT(get_timer), "read the virtual timer");
    return status != ABX_OK ? status : vcpu->backend->arm64->get_timer(vcpu->object, timer);
}

abx_status abx_arm64_unmask_timer(abx_vcpu *vcpu)
{
    abx_status status = check_bare(vcpu, AT(unmask_timer), "unmask the virtual timer");
    return status != ABX_OK ? status : vcpu->backend->arm64->unmask_timer(vcpu->object);
}
