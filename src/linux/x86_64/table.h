/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions of abx_backend_x86_64, file by file. Meanings: <arcbox/x86_64.h>. */
#ifndef ABX_SRC_LINUX_X86_64_TABLE_H
#define ABX_SRC_LINUX_X86_64_TABLE_H

#include "linux/kvm_backend.h"

/* fpu.c */
abx_status abx_kvm_get_fpu(void *vcpu, abx_x86_fpu *fpu);
abx_status abx_kvm_set_fpu(void *vcpu, const abx_x86_fpu *fpu);

/* xsave.c */
abx_status abx_kvm_get_xsave(void *vcpu, void *buffer, size_t capacity, size_t *size);
abx_status abx_kvm_set_xsave(void *vcpu, const void *buffer, size_t size);

/* lapic.c */
abx_status abx_kvm_get_lapic(void *vcpu, abx_x86_lapic *lapic);
abx_status abx_kvm_set_lapic(void *vcpu, const abx_x86_lapic *lapic);

/* events.c */
abx_status abx_kvm_get_events(void *vcpu, abx_x86_events *events);
abx_status abx_kvm_set_events(void *vcpu, const abx_x86_events *events);

/* cpuid.c */
abx_status abx_kvm_supported_cpuid(const void *hypervisor, abx_x86_cpuid *entries, size_t capacity, size_t *count);
abx_status abx_kvm_set_cpuid(void *vcpu, const abx_x86_cpuid *entries, size_t count);
abx_status abx_kvm_get_cpuid(void *vcpu, abx_x86_cpuid *entries, size_t capacity, size_t *count);

/* msr_list.c */
abx_status abx_kvm_msr_list(const void *hypervisor, uint32_t *indices, size_t capacity, size_t *count);

/* clock.c */
abx_status abx_kvm_get_tsc_khz(void *vcpu, uint32_t *khz);
abx_status abx_kvm_set_tsc_khz(void *vcpu, uint32_t khz);
abx_status abx_kvm_get_clock(void *vm, uint64_t *nanoseconds);
abx_status abx_kvm_set_clock(void *vm, uint64_t nanoseconds);

#endif
