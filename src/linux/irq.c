/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* The kernel says EINVAL, EAGAIN or ENXIO, or nothing at all, when there is no controller. */
static abx_status require_irqchip(const abx_kvm_vm *vm, const char *operation)
{
    if (vm->config->irqchip != ABX_IRQCHIP_NONE)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "Give the VM interrupt controllers in the kernel: config.irqchip.", "%s",
                    operation);
}

abx_status abx_kvm_irq_set_line(void *object, uint32_t gsi, bool level)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_irqchip(vm, "set an interrupt line");
    if (status != ABX_OK)
        return status;
    const struct kvm_irq_level line = { .irq = abx_kvm_arch_line(gsi), .level = level };
    int result = abx_kvm_ioctl(vm->fd, KVM_IRQ_LINE, &line);
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_LIMIT, EINVAL, "The VM's interrupt controllers have fewer.",
                        "set interrupt line %" PRIu32, gsi);
    return abx_kvm_check(result, "set interrupt line %" PRIu32, gsi);
}

abx_status abx_kvm_irq_send_msi(void *object, const abx_msi *msi)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_irqchip(vm, "send an MSI");
    if (status != ABX_OK)
        return status;
    const struct kvm_msi message = {
        .address_lo = (uint32_t)msi->address,
        .address_hi = (uint32_t)(msi->address >> 32),
        .data = msi->data,
        .flags = (uint32_t)vm->hypervisor->msi_flags,
        .devid = vm->hypervisor->msi_flags ? msi->device_id : 0,
    };
    int result = abx_kvm_ioctl(vm->fd, KVM_SIGNAL_MSI, &message);
    /* 0: the destination's controller takes none. -1, which reads as EPERM: the kernel found no destination. EBUSY: an
     * ITS is off. */
    if (result == 0 || result == -EPERM || result == -EBUSY)
        return abx_fail(ABX_ERR_NOT_FOUND, 0,
                        "No vCPU has the destination that the address names, or its interrupt controller is off.",
                        "send an MSI to 0x%" PRIx64, msi->address);
    return abx_kvm_check(result, "send an MSI to 0x%" PRIx64, msi->address);
}

static void fill_route(const abx_kvm_vm *vm, struct kvm_irq_routing_entry *entry, const abx_route *route)
{
    entry->gsi = route->gsi;
    if (route->kind == ABX_ROUTE_IRQCHIP) {
        entry->type = KVM_IRQ_ROUTING_IRQCHIP;
        entry->u.irqchip.irqchip = route->irqchip;
        entry->u.irqchip.pin = route->pin;
        return;
    }
    entry->type = KVM_IRQ_ROUTING_MSI;
    entry->flags = (uint32_t)vm->hypervisor->msi_flags;
    entry->u.msi.address_lo = (uint32_t)route->msi.address;
    entry->u.msi.address_hi = (uint32_t)(route->msi.address >> 32);
    entry->u.msi.data = route->msi.data;
    if (vm->hypervisor->msi_flags)
        entry->u.msi.devid = route->msi.device_id;
}

abx_status abx_kvm_irq_set_routes(void *object, const abx_route *routes, size_t count)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_irqchip(vm, "set interrupt routes");
    if (status != ABX_OK)
        return status;
    if (count > vm->hypervisor->caps.max_gsi)
        return abx_fail(ABX_ERR_LIMIT, 0, "This kernel takes fewer.", "set %zu interrupt routes", count);
    struct kvm_irq_routing *table = calloc(1, sizeof(*table) + count * sizeof(table->entries[0]));
    if (!table)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "set %zu interrupt routes", count);
    table->nr = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        fill_route(vm, &table->entries[i], &routes[i]);
    int result = abx_kvm_ioctl(vm->fd, KVM_SET_GSI_ROUTING, table);
    free(table);
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_INVALID, EINVAL,
                        "A line leads to pins of different controllers or to one message, and the pins must exist.",
                        "set %zu interrupt routes", count);
    return abx_kvm_check(result, "set %zu interrupt routes", count);
}

abx_status abx_kvm_irqfd_attach(void *object, int fd, uint32_t gsi, int resample_fd)
{
    const abx_kvm_vm *vm = object;
    abx_status status = require_irqchip(vm, "bind an eventfd to an interrupt line");
    if (status != ABX_OK)
        return status;
    if (resample_fd >= 0 && vm->config->irqchip == ABX_IRQCHIP_SPLIT)
        return abx_fail(ABX_ERR_STATE, 0, "Level interrupts by eventfd need all interrupt controllers in the kernel.",
                        "bind a resample descriptor to interrupt line %" PRIu32, gsi);
    const struct kvm_irqfd binding = {
        .fd = (uint32_t)fd,
        .gsi = gsi,
        .flags = resample_fd >= 0 ? KVM_IRQFD_FLAG_RESAMPLE : 0,
        .resamplefd = resample_fd >= 0 ? (uint32_t)resample_fd : 0,
    };
    int result = abx_kvm_ioctl(vm->fd, KVM_IRQFD, &binding);
    if (result == -EBUSY)
        return abx_fail(ABX_ERR_EXISTS, EBUSY, "This descriptor is bound already: detach it first.",
                        "bind descriptor %d to interrupt line %" PRIu32, fd, gsi);
    if (result == -EBADF || result == -EINVAL)
        return abx_fail(ABX_ERR_INVALID, -result, "The descriptors must be eventfds.",
                        "bind descriptor %d to interrupt line %" PRIu32, fd, gsi);
    return abx_kvm_check(result, "bind descriptor %d to interrupt line %" PRIu32, fd, gsi);
}

abx_status abx_kvm_irqfd_detach(void *object, int fd, uint32_t gsi)
{
    const abx_kvm_vm *vm = object;
    const struct kvm_irqfd binding = { .fd = (uint32_t)fd, .gsi = gsi, .flags = KVM_IRQFD_FLAG_DEASSIGN };
    int result = abx_kvm_ioctl(vm->fd, KVM_IRQFD, &binding);
    if (result == -EBADF || result == -EINVAL)
        return abx_fail(ABX_ERR_INVALID, -result, "The descriptor must be an eventfd.",
                        "detach descriptor %d from interrupt line %" PRIu32, fd, gsi);
    return abx_kvm_check(result, "detach descriptor %d from interrupt line %" PRIu32, fd, gsi);
}

static int set_doorbell(const abx_kvm_vm *vm, const abx_ioeventfd *doorbell, uint32_t flags)
{
    const struct kvm_ioeventfd request = {
        .datamatch = doorbell->match ? doorbell->value : 0,
        .addr = doorbell->address,
        .len = doorbell->length,
        .fd = doorbell->fd,
        .flags = flags | (doorbell->match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0u) |
                 (doorbell->port_io ? KVM_IOEVENTFD_FLAG_PIO : 0u),
    };
    return abx_kvm_ioctl(vm->fd, KVM_IOEVENTFD, &request);
}

static abx_status doorbell_failure(int result, const abx_ioeventfd *doorbell, const char *verb)
{
    if (result == -EBADF || result == -EINVAL)
        return abx_fail(ABX_ERR_INVALID, -result,
                        "The descriptor must be an eventfd, and the value must fit the length.",
                        "%s descriptor %d as doorbell at 0x%" PRIx64, verb, doorbell->fd, doorbell->address);
    return abx_kvm_check(result, "%s descriptor %d as doorbell at 0x%" PRIx64, verb, doorbell->fd, doorbell->address);
}

abx_status abx_kvm_ioeventfd_attach(void *object, const abx_ioeventfd *doorbell)
{
    return doorbell_failure(set_doorbell(object, doorbell, 0), doorbell, "attach");
}

abx_status abx_kvm_ioeventfd_detach(void *object, const abx_ioeventfd *doorbell)
{
    return doorbell_failure(set_doorbell(object, doorbell, KVM_IOEVENTFD_FLAG_DEASSIGN), doorbell, "detach");
}
