/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only ARM64's KVM has: devices with descriptors of their own. */
#include "fake_kvm.h"

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
    return 0;
}
