/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "table.h"

const abx_backend_x86_64 abx_kvm_x86_64 = {
    .get_fpu = abx_kvm_get_fpu,
    .set_fpu = abx_kvm_set_fpu,
    .get_xsave = abx_kvm_get_xsave,
    .set_xsave = abx_kvm_set_xsave,
    .get_lapic = abx_kvm_get_lapic,
    .set_lapic = abx_kvm_set_lapic,
    .get_events = abx_kvm_get_events,
    .set_events = abx_kvm_set_events,
    .supported_cpuid = abx_kvm_supported_cpuid,
    .set_cpuid = abx_kvm_set_cpuid,
    .get_cpuid = abx_kvm_get_cpuid,
    .msr_list = abx_kvm_msr_list,
    .get_tsc_khz = abx_kvm_get_tsc_khz,
    .set_tsc_khz = abx_kvm_set_tsc_khz,
    .get_clock = abx_kvm_get_clock,
    .set_clock = abx_kvm_set_clock,
    .trap_msrs = abx_kvm_trap_msrs,
};
