/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/interrupt.h>

#include "vm_internal.h"

/* `valid`, and the capability that the call stands on, and controllers in the kernel; then the way is open. */
static abx_status check_line(abx_vm *vm, bool valid, abx_cap cap, size_t offset, const char *operation)
{
    abx_status status = abx_vm_check(vm, valid, cap, offset, operation);
    if (status != ABX_OK)
        return status;
    if (abx_vm_get_config(vm)->irqchip == ABX_IRQCHIP_NONE)
        return abx_fail(ABX_ERR_STATE, 0, "Configure the VM with irqchip KERNEL or SPLIT.", "%s", operation);
    return abx_vm_seal(vm);
}

static abx_status check_gsi(const abx_vm *vm, uint32_t gsi, const char *operation)
{
    uint32_t limit = abx_hypervisor_capabilities(abx_vm_get_hypervisor(vm))->max_gsi;
    if (gsi < limit)
        return ABX_OK;
    return abx_fail(ABX_ERR_LIMIT, 0, "The capability max_gsi says how many lines there are.", "%s %u", operation, gsi);
}

abx_status abx_irq_set_line(abx_vm *vm, uint32_t gsi, bool level)
{
    static const char operation[] = "set interrupt line";
    abx_status status = check_line(vm, true, ABX_CAP_IRQ_LINES, offsetof(abx_backend, irq_set_line), operation);
    if (status == ABX_OK)
        status = check_gsi(vm, gsi, operation);
    return status != ABX_OK ? status : abx_vm_backend(vm)->irq_set_line(abx_vm_backend_object(vm), gsi, level);
}

abx_status abx_irq_send_msi(abx_vm *vm, const abx_msi *msi)
{
    abx_status status =
        check_line(vm, msi, ABX_CAP_MSI, offsetof(abx_backend, irq_send_msi), "send a message-signalled interrupt");
    return status != ABX_OK ? status : abx_vm_backend(vm)->irq_send_msi(abx_vm_backend_object(vm), msi);
}

/* PICs have 8 pins each, the IOAPIC 24 (Intel 8259A and 82093AA data sheets). */
static bool is_pin(const abx_vm *vm, const abx_route *route)
{
    if (abx_vm_get_config(vm)->arch != ABX_ARCH_X86_64)
        return route->irqchip == 0;
    return route->irqchip < 2 ? route->pin < 8 : route->irqchip == 2 && route->pin < 24;
}

static abx_status check_route(const abx_vm *vm, const abx_route *route)
{
    static const char operation[] = "route interrupt line";
    if (route->kind > ABX_ROUTE_MSI)
        return abx_fail(ABX_ERR_INVALID, 0, "A route leads to IRQCHIP or MSI.", "%s %u", operation, route->gsi);
    if (route->kind == ABX_ROUTE_IRQCHIP && !is_pin(vm, route))
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s %u to pin %u of controller %u", operation, route->gsi, route->pin,
                        route->irqchip);
    return check_gsi(vm, route->gsi, operation);
}

abx_status abx_irq_set_routes(abx_vm *vm, const abx_route *routes, size_t count)
{
    abx_status status = check_line(vm, routes || !count, ABX_CAP_IRQ_ROUTING, offsetof(abx_backend, irq_set_routes),
                                   "set interrupt routes");
    for (size_t i = 0; status == ABX_OK && routes && i < count; i++)
        status = check_route(vm, &routes[i]);
    return status != ABX_OK ? status : abx_vm_backend(vm)->irq_set_routes(abx_vm_backend_object(vm), routes, count);
}

abx_status abx_irqfd_attach(abx_vm *vm, int fd, uint32_t gsi, int resample_fd)
{
    static const char operation[] = "attach a descriptor to interrupt line";
    abx_cap cap = resample_fd >= 0 ? ABX_CAP_IRQFD_RESAMPLE : ABX_CAP_IRQFD;
    abx_status status =
        check_line(vm, fd >= 0 && resample_fd >= -1, cap, offsetof(abx_backend, irqfd_attach), operation);
    if (status == ABX_OK)
        status = check_gsi(vm, gsi, operation);
    return status != ABX_OK ? status
                            : abx_vm_backend(vm)->irqfd_attach(abx_vm_backend_object(vm), fd, gsi, resample_fd);
}

abx_status abx_irqfd_detach(abx_vm *vm, int fd, uint32_t gsi)
{
    abx_status status = abx_vm_check(vm, fd >= 0, ABX_CAP_IRQFD, offsetof(abx_backend, irqfd_detach),
                                     "detach a descriptor from its interrupt line");
    return status != ABX_OK ? status : abx_vm_backend(vm)->irqfd_detach(abx_vm_backend_object(vm), fd, gsi);
}

/* A value fits what is written, and what is written fits the address space. */
static bool is_doorbell(const abx_ioeventfd *doorbell)
{
    if (!doorbell || doorbell->size != sizeof(*doorbell) || doorbell->fd < 0)
        return false;
    uint32_t length = doorbell->length;
    if (length != 0 && length != 1 && length != 2 && length != 4 && length != 8)
        return false;
    if (doorbell->match && (length == 0 || (length < 8 && doorbell->value >> (length * 8))))
        return false;
    uint64_t last = doorbell->port_io ? UINT16_MAX : UINT64_MAX;
    return length ? doorbell->address <= last - (length - 1) : doorbell->address <= last;
}

static abx_status check_doorbell(abx_vm *vm, const abx_ioeventfd *doorbell, size_t offset, const char *operation)
{
    bool any_length = doorbell && doorbell->length == 0;
    abx_status status = abx_vm_check(vm, is_doorbell(doorbell),
                                     any_length ? ABX_CAP_IOEVENTFD_ANY_LENGTH : ABX_CAP_IOEVENTFD, offset, operation);
    return status != ABX_OK ? status : abx_vm_seal(vm);
}

abx_status abx_ioeventfd_attach(abx_vm *vm, const abx_ioeventfd *doorbell)
{
    abx_status status =
        check_doorbell(vm, doorbell, offsetof(abx_backend, ioeventfd_attach), "attach a descriptor to a doorbell");
    return status != ABX_OK ? status : abx_vm_backend(vm)->ioeventfd_attach(abx_vm_backend_object(vm), doorbell);
}

abx_status abx_ioeventfd_detach(abx_vm *vm, const abx_ioeventfd *doorbell)
{
    abx_status status =
        check_doorbell(vm, doorbell, offsetof(abx_backend, ioeventfd_detach), "detach a descriptor from a doorbell");
    return status != ABX_OK ? status : abx_vm_backend(vm)->ioeventfd_detach(abx_vm_backend_object(vm), doorbell);
}
