/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only ARM64's KVM has: devices with descriptors of their own, registers one by one. */
#include "fake_kvm.h"

#include <errno.h>
#include <string.h>

/* Of each kind one: 8 bytes, 16 bytes, 4 bytes, and two system registers. */
static const uint64_t registers[] = {
    0x6030000000100000, /* X0 */
    0x6040000000100054, /* V0 */
    0x60200000001000d4, /* FPSR */
    0x603000000013c080, /* SCTLR_EL1 */
    0x603000000013c102, /* TCR_EL1 */
};
enum { REGISTERS = sizeof(registers) / sizeof(registers[0]) };

/* As the kernel: how many there are, where there is no room for them. */
static int list_registers(struct kvm_reg_list *list)
{
    bool fits = list->n >= REGISTERS;
    list->n = REGISTERS;
    if (fits)
        memcpy(list->reg, registers, sizeof(registers));
    return fits ? 0 : E2BIG;
}

static void read_register(const struct kvm_one_reg *request)
{
    memset((void *)(uintptr_t)request->addr, fake.fill, KVM_REG_SIZE(request->id));
}

/* No attribute but reads as zero. */
static void read_attribute(const struct kvm_device_attr *request)
{
    memset((void *)(uintptr_t)request->addr, 0, sizeof(uint32_t));
}

void fake_reset_arch(void)
{
    fake.extensions[KVM_CAP_ARM_VM_IPA_SIZE] = 44;
    fake.extensions[KVM_CAP_GUEST_DEBUG_HW_BPS] = 6;
    fake.extensions[KVM_CAP_GUEST_DEBUG_HW_WPS] = 4;
    fake.extensions[KVM_CAP_SYNC_REGS] = 0;
}

int fake_answer_arch(unsigned long request, unsigned long value, int *result)
{
    (void)result;
    if (request == KVM_CREATE_DEVICE) {
        struct kvm_create_device *device = (void *)value;
        if (!(device->flags & KVM_CREATE_DEVICE_TEST))
            device->fd = (uint32_t)fake_descriptor();
    }
    if (request == KVM_ARM_PREFERRED_TARGET)
        ((struct kvm_vcpu_init *)value)->target = KVM_ARM_TARGET_GENERIC_V8;
    if (request == KVM_GET_REG_LIST)
        return list_registers((struct kvm_reg_list *)value);
    if (request == KVM_GET_ONE_REG)
        read_register((const struct kvm_one_reg *)value);
    if (request == KVM_GET_DEVICE_ATTR)
        read_attribute((const struct kvm_device_attr *)value);
    return 0;
}
