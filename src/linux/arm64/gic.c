/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"
#include "device.h"
#include "table.h"

#include <unistd.h>

typedef struct place {
    uint64_t attribute;
    uint64_t address;
} place;

static abx_status put(int fd, const place *places, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++) {
        int result = abx_device_set(fd, KVM_DEV_ARM_VGIC_GRP_ADDR, places[i].attribute, &places[i].address);
        if (result < 0)
            return abx_kvm_check(result, "place the %s", what);
    }
    return ABX_OK;
}

static abx_status create_its(abx_kvm_vm *vm)
{
    static const place its = { KVM_VGIC_ITS_ADDR_TYPE, ABX_ARM64_GIC_ITS };
    vm->arch.its = abx_device_create(vm->fd, KVM_DEV_TYPE_ARM_VGIC_ITS);
    abx_status status = abx_kvm_check(vm->arch.its, "create an ITS");
    return status != ABX_OK ? status : put(vm->arch.its, &its, 1, "ITS");
}

static abx_status place_gic(const abx_kvm_vm *vm)
{
    static const place version3[] = { { KVM_VGIC_V3_ADDR_TYPE_DIST, ABX_ARM64_GIC_DISTRIBUTOR },
                                      { KVM_VGIC_V3_ADDR_TYPE_REDIST, ABX_ARM64_GIC_REDISTRIBUTORS } };
    static const place version2[] = { { KVM_VGIC_V2_ADDR_TYPE_DIST, ABX_ARM64_GIC_DISTRIBUTOR },
                                      { KVM_VGIC_V2_ADDR_TYPE_CPU, ABX_ARM64_GIC_CPU_INTERFACE } };
    return put(vm->arch.gic, vm->hypervisor->arch.gic_version == 3 ? version3 : version2, 2, "interrupt controller");
}

abx_status abx_gic_create(abx_kvm_vm *vm)
{
    static const uint32_t interrupts = ABX_GIC_FIRST_SPI + ABX_GIC_SPIS;
    bool version3 = vm->hypervisor->arch.gic_version == 3;
    vm->arch.gic = abx_device_create(vm->fd, version3 ? KVM_DEV_TYPE_ARM_VGIC_V3 : KVM_DEV_TYPE_ARM_VGIC_V2);
    abx_status status = abx_kvm_check(vm->arch.gic, "create an interrupt controller");
    if (status == ABX_OK)
        status = place_gic(vm);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_device_set(vm->arch.gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &interrupts),
                               "give the interrupt controller %u lines", (unsigned)ABX_GIC_SPIS);
    if (status == ABX_OK && vm->hypervisor->arch.its)
        status = create_its(vm);
    if (status != ABX_OK)
        abx_gic_close(vm);
    return status;
}

abx_status abx_gic_init(const abx_kvm_vm *vm)
{
    const int devices[] = { vm->arch.gic, vm->arch.its };
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (devices[i] < 0)
            continue;
        int result = abx_device_set(devices[i], KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
        if (result < 0)
            return abx_kvm_check(result, "initialise the interrupt controllers");
    }
    return ABX_OK;
}

static void close_device(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void abx_gic_close(abx_kvm_vm *vm)
{
    close_device(&vm->arch.its);
    close_device(&vm->arch.gic);
}

abx_status abx_kvm_get_gic(const void *object, abx_arm64_gic *gic)
{
    const abx_kvm_vm *vm = object;
    *gic = (abx_arm64_gic){
        .version = vm->hypervisor->arch.gic_version,
        .lines = ABX_GIC_SPIS,
        .has_its = vm->hypervisor->arch.its,
    };
    return ABX_OK;
}

/* Documentation/virt/kvm/api.rst, 4.25: the vCPU's number comes in two parts. */
abx_status abx_kvm_set_ppi(void *object, uint32_t id, uint32_t ppi, bool level)
{
    const abx_kvm_vm *vm = object;
    const struct kvm_irq_level line = {
        .irq = (uint32_t)KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT |
               (id >> 8 & KVM_ARM_IRQ_VCPU2_MASK) << KVM_ARM_IRQ_VCPU2_SHIFT |
               (id & KVM_ARM_IRQ_VCPU_MASK) << KVM_ARM_IRQ_VCPU_SHIFT | (ABX_GIC_FIRST_PPI + ppi),
        .level = level,
    };
    return abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_IRQ_LINE, &line), "set private interrupt %u of vCPU %u", ppi, id);
}
