/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Can a guest that was made for one CPU run on another? Pure: no system calls. */
#ifndef ABX_SRC_LINUX_X86_64_CPUID_COVER_H
#define ABX_SRC_LINUX_X86_64_CPUID_COVER_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a host that supports `host` has the vendor and all features that `guest` has. Bits that say how a VM is made
 * rather than what the CPU can do are left out.
 */
bool abx_cpuid_covers(const struct kvm_cpuid_entry2 *host, size_t host_count, const struct kvm_cpuid_entry2 *guest,
                      size_t guest_count);

#endif
