/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid_shape.h"
#include "linux/kvm_backend.h"
#include "linux/nested.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>

/* Intel SDM vol. 2, CPUID; the hypervisor's timing leaf: Linux, arch/x86/kernel/cpu/vmware.c and kvm.c. */
enum { LEAF_TSC = 0x15 };
static const uint32_t leaf_hypervisor = 0x40000000;
static const uint32_t leaf_hypervisor_timing = 0x40000010;
static const uint32_t leaf_address_sizes = 0x80000008;
static const uint32_t ecx_hypervisor = UINT32_C(1) << 31;

/* What the CPU itself tells of its TSC; 0 where it says nothing. (The kernel tells it only of a VM.) */
static uint32_t host_tsc_khz(void)
{
    uint32_t eax, ebx, ecx, edx;
    __cpuid(1, eax, ebx, ecx, edx);
    if (ecx & ecx_hypervisor) {
        __cpuid(leaf_hypervisor, eax, ebx, ecx, edx);
        if (eax >= leaf_hypervisor_timing && eax - leaf_hypervisor < 0x1000) {
            __cpuid(leaf_hypervisor_timing, eax, ebx, ecx, edx);
            if (eax)
                return eax;
        }
    }
    if (!__get_cpuid_count(LEAF_TSC, 0, &eax, &ebx, &ecx, &edx) || eax == 0 || ebx == 0 || ecx == 0)
        return 0;
    return (uint32_t)((uint64_t)ecx * ebx / eax / 1000);
}

/* The width of addresses that nested page tables can map is told apart where it is smaller (AMD APM vol. 3, E.4.7). */
static uint32_t guest_phys_bits(const struct kvm_cpuid2 *cpuid)
{
    for (uint32_t i = 0; i < cpuid->nent; i++) {
        if (cpuid->entries[i].function != leaf_address_sizes)
            continue;
        uint32_t host = cpuid->entries[i].eax & 0xff;
        uint32_t guest = cpuid->entries[i].eax >> 16 & 0xff;
        return guest && guest < host ? guest : host;
    }
    return 36; /* every processor with PAE has as many */
}

static void probe(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    static const struct {
        abx_cap cap;
        unsigned long capability;
    } simple[] = {
        { ABX_CAP_IRQCHIP, KVM_CAP_IRQCHIP },
        { ABX_CAP_SPLIT_IRQCHIP, KVM_CAP_SPLIT_IRQCHIP },
        { ABX_CAP_PIT, KVM_CAP_PIT2 },
        { ABX_CAP_NMI, KVM_CAP_USER_NMI },
        { ABX_CAP_MSR_EXITS, KVM_CAP_X86_USER_SPACE_MSR },
        { ABX_CAP_GUEST_CLOCK, KVM_CAP_ADJUST_CLOCK },
        { ABX_CAP_TSC_CONTROL, KVM_CAP_TSC_CONTROL },
    };
    struct abx_kvm_arch_hypervisor *arch = &hypervisor->arch;
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
        abx_kvm_set_cap(caps, simple[i].cap, abx_kvm_extension(hypervisor->fd, simple[i].capability) > 0);
    abx_kvm_set_cap(caps, ABX_CAP_VECTOR_INJECTION, true);
    abx_kvm_set_cap(caps, ABX_CAP_IRQ_LINES, abx_capabilities_has(caps, ABX_CAP_IRQCHIP));
    abx_kvm_set_cap(caps, ABX_CAP_HW_BREAKPOINTS, abx_capabilities_has(caps, ABX_CAP_SINGLE_STEP));

    arch->hypercalls = (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_EXIT_HYPERCALL);
    /* Without hardware virtualization the kernel never gets past the instruction. */
    bool hypercalls = arch->hypercalls != 0 && abx_capabilities_has(caps, ABX_CAP_HARDWARE);
    abx_kvm_set_cap(caps, ABX_CAP_HYPERCALL_EXITS, hypercalls);
    arch->sregs2 = abx_kvm_extension(hypervisor->fd, KVM_CAP_SREGS2) > 0;
    arch->exception_payload = abx_kvm_extension(hypervisor->fd, KVM_CAP_EXCEPTION_PAYLOAD) > 0;
    arch->triple_fault_event = abx_kvm_extension(hypervisor->fd, KVM_CAP_X86_TRIPLE_FAULT_EVENT) > 0;
    int xsave_size = abx_kvm_extension(hypervisor->fd, KVM_CAP_XSAVE2);
    arch->xsave2 = xsave_size > 0;
    caps->xsave_size = arch->xsave2 ? (uint32_t)xsave_size : (uint32_t)sizeof(struct kvm_xsave);
    caps->phys_bits = guest_phys_bits(arch->cpuid);
    caps->tsc_khz = host_tsc_khz();
    caps->breakpoints = 4; /* DR0 to DR3 */
    /* KVM supports the feature where both the hardware and the module's parameter say yes. */
    bool nested = abx_cpuid_has_virtualization(arch->cpuid->entries, arch->cpuid->nent);
    abx_kvm_set_cap(caps, ABX_CAP_NESTED, nested);
    if (!nested)
        strncpy(caps->nested_obstacle, abx_nested_obstacle(&abx_nested_this_host), sizeof(caps->nested_obstacle) - 1);
}

abx_status abx_kvm_arch_open(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    abx_status status = abx_kvm_cpuid_load(hypervisor);
    if (status != ABX_OK)
        return status;
    status = abx_kvm_msr_list_load(hypervisor);
    if (status != ABX_OK) {
        free(hypervisor->arch.cpuid);
        return status;
    }
    probe(hypervisor, caps);
    return ABX_OK;
}

void abx_kvm_arch_close(abx_kvm_hypervisor *hypervisor)
{
    free(hypervisor->arch.msrs);
    free(hypervisor->arch.cpuid);
}
