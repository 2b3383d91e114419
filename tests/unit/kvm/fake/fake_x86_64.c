/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only x86_64's KVM has: a host without CPUID leaves and MSRs. */
#include "fake_kvm.h"

void fake_reset_arch(void)
{
    fake.extensions[KVM_CAP_XSAVE2] = 4096;
}

int fake_answer_arch(unsigned long request, unsigned long value, int *result)
{
    (void)result;
    if (request == KVM_GET_SUPPORTED_CPUID)
        ((struct kvm_cpuid2 *)value)->nent = 0;
    if (request == KVM_GET_MSR_INDEX_LIST)
        ((struct kvm_msr_list *)value)->nmsrs = 0;
    return 0;
}
