/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_control.h"
#include "linux/kvm_registers.h"

#include <errno.h>

abx_status abx_kvm_vcpu_set_debug(void *object, const abx_debug_config *config)
{
    const abx_kvm_vcpu *vcpu = object;
    const struct kvm_guest_debug debug = abx_debug_encode(config);
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
    if (result == -EINVAL || result == -ENOTTY)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, -result, "this host's KVM cannot debug guests this way",
                        "set guest debugging");
    return abx_kvm_check(result, "set guest debugging");
}
