/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* CPUID of the host's KVM and of vCPUs, in KVM's own form. */
#ifndef ABX_SRC_LINUX_X86_64_CPUID_H
#define ABX_SRC_LINUX_X86_64_CPUID_H

#include "cpuid_shape.h"
#include "linux/kvm_backend.h"

/* What `vcpu` has now. Errors: as abx_kvm_check(). */
abx_status abx_cpuid_fetch(const abx_kvm_vcpu *vcpu, abx_cpuid_table *table);

/* Gives `vcpu` what the table says. Errors: ABX_ERR_STATE (it has run, and this is something else), and as
 * abx_kvm_check(). */
abx_status abx_cpuid_store(const abx_kvm_vcpu *vcpu, const struct kvm_cpuid2 *table);

#endif
