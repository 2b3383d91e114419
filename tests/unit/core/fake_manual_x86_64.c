/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The part of the fake manual backend that only x86_64 has. */
#include "fake_manual.h"

static abx_status fake_get_fpu(void *vcpu, abx_x86_fpu *fpu)
{
    (void)vcpu;
    fpu->mxcsr = 0x1f80;
    return fake_log_enter("get_fpu");
}

static abx_status fake_set_fpu(void *vcpu, const abx_x86_fpu *fpu)
{
    (void)vcpu;
    fake_manual_arguments.pointer = fpu;
    return fake_log_enter("set_fpu");
}

static abx_status fake_get_xsave(void *vcpu, void *buffer, size_t capacity, size_t *size)
{
    (void)vcpu;
    fake_manual_arguments.pointer = buffer;
    fake_manual_arguments.count = capacity;
    *size = 832;
    return fake_log_enter("get_xsave");
}

static abx_status fake_set_xsave(void *vcpu, const void *buffer, size_t size)
{
    (void)vcpu;
    fake_manual_arguments.pointer = buffer;
    fake_manual_arguments.count = size;
    return fake_log_enter("set_xsave");
}

static abx_status fake_get_lapic(void *vcpu, abx_x86_lapic *lapic)
{
    (void)vcpu;
    lapic->page[0x20] = 3;
    return fake_log_enter("get_lapic");
}

static abx_status fake_set_lapic(void *vcpu, const abx_x86_lapic *lapic)
{
    (void)vcpu;
    fake_manual_arguments.pointer = lapic;
    return fake_log_enter("set_lapic");
}

static abx_status fake_get_events(void *vcpu, abx_x86_events *events)
{
    (void)vcpu;
    events->nmi_pending = true;
    return fake_log_enter("get_events");
}

static abx_status fake_set_events(void *vcpu, const abx_x86_events *events)
{
    (void)vcpu;
    fake_manual_arguments.pointer = events;
    return fake_log_enter("set_events");
}

static abx_status fake_supported_cpuid(const void *hypervisor, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    (void)hypervisor;
    fake_manual_arguments.pointer = entries;
    fake_manual_arguments.count = capacity;
    *count = 5;
    return fake_log_enter("supported_cpuid");
}

static abx_status fake_set_cpuid(void *vcpu, const abx_x86_cpuid *entries, size_t count)
{
    (void)vcpu;
    fake_manual_arguments.pointer = entries;
    fake_manual_arguments.count = count;
    return fake_log_enter("set_cpuid");
}

static abx_status fake_get_cpuid(void *vcpu, abx_x86_cpuid *entries, size_t capacity, size_t *count)
{
    (void)vcpu;
    fake_manual_arguments.pointer = entries;
    fake_manual_arguments.count = capacity;
    *count = 6;
    return fake_log_enter("get_cpuid");
}

static abx_status fake_msr_list(const void *hypervisor, uint32_t *indices, size_t capacity, size_t *count)
{
    (void)hypervisor;
    fake_manual_arguments.pointer = indices;
    fake_manual_arguments.count = capacity;
    *count = 7;
    return fake_log_enter("msr_list");
}

static abx_status fake_get_tsc_khz(void *vcpu, uint32_t *khz)
{
    (void)vcpu;
    *khz = 2000000;
    return fake_log_enter("get_tsc_khz");
}

static abx_status fake_set_tsc_khz(void *vcpu, uint32_t khz)
{
    (void)vcpu;
    fake_manual_arguments.number = khz;
    return fake_log_enter("set_tsc_khz");
}

static abx_status fake_get_clock(void *vm, uint64_t *nanoseconds)
{
    (void)vm;
    *nanoseconds = 123456789;
    return fake_log_enter("get_clock");
}

static abx_status fake_set_clock(void *vm, uint64_t nanoseconds)
{
    (void)vm;
    fake_manual_arguments.number = nanoseconds;
    return fake_log_enter("set_clock");
}

static abx_status fake_trap_msrs(void *vm, uint32_t first, uint32_t count, bool reads, bool writes)
{
    (void)vm;
    fake_manual_arguments.number = first + (uint64_t)reads + (uint64_t)writes;
    fake_manual_arguments.count = count;
    return fake_log_enter("trap_msrs");
}

const abx_backend_x86_64 fake_manual_x86_64 = {
    .get_fpu = fake_get_fpu,
    .set_fpu = fake_set_fpu,
    .get_xsave = fake_get_xsave,
    .set_xsave = fake_set_xsave,
    .get_lapic = fake_get_lapic,
    .set_lapic = fake_set_lapic,
    .get_events = fake_get_events,
    .set_events = fake_set_events,
    .supported_cpuid = fake_supported_cpuid,
    .set_cpuid = fake_set_cpuid,
    .get_cpuid = fake_get_cpuid,
    .msr_list = fake_msr_list,
    .get_tsc_khz = fake_get_tsc_khz,
    .set_tsc_khz = fake_set_tsc_khz,
    .get_clock = fake_get_clock,
    .set_clock = fake_set_clock,
    .trap_msrs = fake_trap_msrs,
};
