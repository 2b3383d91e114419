/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU's place in its VM, as CPUID tells it: one package, cores of one thread, the APIC id is the vCPU's number. */
#ifndef ABX_SRC_LINUX_X86_64_CPUID_TOPOLOGY_H
#define ABX_SRC_LINUX_X86_64_CPUID_TOPOLOGY_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes all leaves that speak of topology agree, in `count` entries with room for `capacity`. Returns how many entries
 * there are then; extended topology leaves that do not fit are left out.
 */
size_t abx_cpuid_apply_topology(struct kvm_cpuid_entry2 *entries, size_t count, size_t capacity, uint32_t apic_id,
                                uint32_t cpus);

#endif
