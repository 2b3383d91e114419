/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_life.h"

#include <linux/kvm.h>

enum { XSAVE_SIZE = 8192 };

void kvm_life_configure(const abx_hypervisor *hypervisor, abx_vm_config *config)
{
    config->cpus = 256;
    config->pit = ABX_YES;
    config->nested = ABX_YES;
    config->msr_exits = true;
    config->hypercall_exits = abx_hypervisor_has(hypervisor, ABX_CAP_HYPERCALL_EXITS);
    config->tsc_khz = 1000000;
}

abx_status kvm_life_prepare(kvm_life *life)
{
    return abx_x86_trap_msrs(life->vm, 0x10, 1, true, true);
}

void kvm_life_registers(abx_reg names[KVM_LIFE_BATCH])
{
    static const abx_reg one_each[] = { ABX_X86_RAX, ABX_X86_CR3, ABX_X86_DR(0), ABX_X86_XCR0 };
    for (uint32_t i = 0; i < KVM_LIFE_BATCH; i++)
        names[i] = i < 4 ? one_each[i] : ABX_X86_MSR(i);
}

/* Unstable TSCs have no frequency. */
bool kvm_life_is_answer(bool asked, unsigned long request)
{
    (void)asked;
    return request == KVM_GET_TSC_KHZ;
}

static abx_status inject_nmi(kvm_life *life)
{
    return abx_vcpu_inject_nmi(life->vcpu);
}

static abx_status inject_vector(kvm_life *life)
{
    return abx_vcpu_inject_vector(life->vcpu, 32);
}

static abx_status get_fpu(kvm_life *life)
{
    abx_x86_fpu fpu;
    kvm_output(&fpu, sizeof(fpu));
    return kvm_outcome(abx_x86_get_fpu(life->vcpu, &fpu), &fpu, sizeof(fpu));
}

static abx_status set_fpu(kvm_life *life)
{
    const abx_x86_fpu fpu = { .mxcsr = 0x1f80 };
    return abx_x86_set_fpu(life->vcpu, &fpu);
}

static abx_status size_xsave(kvm_life *life)
{
    size_t size;
    kvm_output(&size, sizeof(size));
    abx_status status = kvm_outcome(abx_x86_get_xsave(life->vcpu, NULL, 0, &size), &size, sizeof(size));
    if (status == ABX_OK)
        assert_int_equal(size, XSAVE_SIZE);
    return status;
}

/* Its size is not: that of a buffer that is too small is told. */
static abx_status get_xsave(kvm_life *life)
{
    uint8_t area[XSAVE_SIZE];
    size_t size;
    kvm_output(area, sizeof(area));
    abx_status status = kvm_outcome(abx_x86_get_xsave(life->vcpu, area, sizeof(area), &size), area, sizeof(area));
    if (status == ABX_OK)
        assert_int_equal(size, XSAVE_SIZE);
    return status;
}

static abx_status set_xsave(kvm_life *life)
{
    static const uint8_t area[XSAVE_SIZE];
    return abx_x86_set_xsave(life->vcpu, area, sizeof(area));
}

static abx_status get_lapic(kvm_life *life)
{
    abx_x86_lapic lapic;
    kvm_output(&lapic, sizeof(lapic));
    return kvm_outcome(abx_x86_get_lapic(life->vcpu, &lapic), &lapic, sizeof(lapic));
}

static abx_status set_lapic(kvm_life *life)
{
    static const abx_x86_lapic lapic;
    return abx_x86_set_lapic(life->vcpu, &lapic);
}

static abx_status get_events(kvm_life *life)
{
    abx_x86_events events;
    kvm_output(&events, sizeof(events));
    return kvm_outcome(abx_x86_get_events(life->vcpu, &events), &events, sizeof(events));
}

static abx_status set_events(kvm_life *life)
{
    const abx_x86_events events = { .nmi_pending = true };
    return abx_x86_set_events(life->vcpu, &events);
}

static abx_status get_cpuid(kvm_life *life)
{
    abx_x86_cpuid entries[4];
    size_t count;
    kvm_output(entries, sizeof(entries));
    kvm_output(&count, sizeof(count));
    abx_status status = abx_x86_get_cpuid(life->vcpu, entries, 4, &count);
    kvm_outcome(status, &count, sizeof(count));
    return kvm_outcome(status, entries, sizeof(entries));
}

static abx_status set_cpuid(kvm_life *life)
{
    const abx_x86_cpuid entry = { .leaf = 0, .eax = 1 };
    return abx_x86_set_cpuid(life->vcpu, &entry, 1);
}

static abx_status get_tsc_khz(kvm_life *life)
{
    uint32_t khz;
    kvm_output(&khz, sizeof(khz));
    return kvm_outcome(abx_x86_get_tsc_khz(life->vcpu, &khz), &khz, sizeof(khz));
}

static abx_status set_tsc_khz(kvm_life *life)
{
    return abx_x86_set_tsc_khz(life->vcpu, 1500000);
}

static abx_status get_clock(kvm_life *life)
{
    uint64_t nanoseconds;
    kvm_output(&nanoseconds, sizeof(nanoseconds));
    return kvm_outcome(abx_x86_get_clock(life->vm, &nanoseconds), &nanoseconds, sizeof(nanoseconds));
}

static abx_status set_clock(kvm_life *life)
{
    return abx_x86_set_clock(life->vm, 1);
}

const kvm_step kvm_life_steps_arch[] = {
    { "get the FPU", get_fpu },
    { "set the FPU", set_fpu },
    { "size XSAVE", size_xsave },
    { "get XSAVE", get_xsave },
    { "set XSAVE", set_xsave },
    { "get the local APIC", get_lapic },
    { "set the local APIC", set_lapic },
    { "get events", get_events },
    { "set events", set_events },
    { "inject an NMI", inject_nmi },
    { "inject a vector", inject_vector },
    { "get CPUID", get_cpuid },
    { "set CPUID", set_cpuid },
    { "get the TSC's frequency", get_tsc_khz },
    { "set the TSC's frequency", set_tsc_khz },
    { "get the clock", get_clock },
    { "set the clock", set_clock },
};
const size_t kvm_life_step_count_arch = sizeof(kvm_life_steps_arch) / sizeof(kvm_life_steps_arch[0]);
