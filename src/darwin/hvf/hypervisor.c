/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "claim.h"
#include "gic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_IPA_BITS = 36 }; /* where they cannot be chosen: before macOS 13 */

/* Redistributors have a window of their own in the map of addresses. */
enum { MOST_VCPUS = (ABX_ARM64_GIC_END - ABX_ARM64_GIC_REDISTRIBUTORS) / ABX_ARM64_GIC_REDISTRIBUTOR };

static void set_cap(abx_capabilities *caps, abx_cap cap, bool on)
{
    if (on)
        caps->bits[(unsigned)cap / 64] |= UINT64_C(1) << (unsigned)cap % 64;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A number that macOS tells by name; 0 when it does not know it. */
static int32_t system_number(const char *name)
{
    int32_t value = 0;
    size_t size = sizeof(value);
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && size == sizeof(value) ? value : 0;
}

static abx_status check_host(void)
{
    if (system_number("kern.hv_support"))
        return ABX_OK;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0,
                    "This Mac, or the virtual machine that macOS runs in, offers no virtualization.",
                    "ask for Hypervisor.framework");
}

static abx_status probe_processor(abx_hvf_hypervisor *hypervisor, bool *pointer_auth)
{
    static const char operation[] = "ask Hypervisor.framework for the processor's features";
    hv_vcpu_config_t config = hv_vcpu_config_create();
    if (!config)
        return abx_hv_check(HV_NO_RESOURCES, operation);
    uint64_t debug = 0, instructions = 0;
    hv_return_t result = hv_vcpu_config_get_feature_reg(config, HV_FEATURE_REG_ID_AA64DFR0_EL1, &debug);
    if (result == HV_SUCCESS)
        result = hv_vcpu_config_get_feature_reg(config, HV_FEATURE_REG_ID_AA64ISAR1_EL1, &instructions);
    os_release(config);
    /* ID_AA64DFR0_EL1: BRPs 15:12, WRPs 23:20, one less each. ID_AA64ISAR1_EL1: APA 7:4, API 11:8. */
    hypervisor->breakpoints = (uint32_t)(debug >> 12 & 0xf) + 1;
    hypervisor->watchpoints = (uint32_t)(debug >> 20 & 0xf) + 1;
    *pointer_auth = (instructions >> 4 & 0xff) != 0;
    return abx_hv_check(result, operation);
}

static abx_status probe_addresses(abx_hvf_hypervisor *hypervisor)
{
    if (ABX_MACOS_AT_LEAST(13, 0))
        return abx_hv_check(hv_vm_config_get_max_ipa_size(&hypervisor->ipa_bits),
                            "ask Hypervisor.framework for the width of guest addresses");
    return ABX_OK;
}

/* EL2 for guests, or why not. */
static void probe_nesting(abx_capabilities *caps)
{
    bool supported = false;
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        if (hv_vm_config_get_el2_supported(&supported) != HV_SUCCESS || !supported)
            strncpy(caps->nested_obstacle, "this Mac has no EL2 for guests: it takes an M3 or newer",
                    sizeof(caps->nested_obstacle) - 1);
    } else {
        strncpy(caps->nested_obstacle, "macOS 15 or newer is needed", sizeof(caps->nested_obstacle) - 1);
    }
    set_cap(caps, ABX_CAP_NESTED, supported);
}

static abx_status probe_counter(abx_hvf_hypervisor *hypervisor)
{
    struct mach_timebase_info base = { 0 };
    if (mach_timebase_info(&base) == 0)
        hypervisor->frequency = abx_clock_frequency(base.numer, base.denom);
    if (hypervisor->frequency)
        return ABX_OK;
    return abx_fail(ABX_ERR_SYSTEM, 0, NULL, "ask macOS how fast its counter runs");
}

static void report(const abx_hvf_hypervisor *hypervisor, uint32_t vcpus, bool pointer_auth, abx_capabilities *caps)
{
    static const abx_cap always[] = {
        ABX_CAP_HARDWARE,   ABX_CAP_MANUAL,          ABX_CAP_GUEST_MEMORY, ABX_CAP_READ_ONLY_MEMORY,
        ABX_CAP_DISCARD,    ABX_CAP_MEMORY_HOTPLUG,  ABX_CAP_DIRTY_LOG,    ABX_CAP_REGISTERS,
        ABX_CAP_VCPU_STATE, ABX_CAP_HYPERCALL_EXITS, ABX_CAP_SINGLE_STEP,  ABX_CAP_HW_BREAKPOINTS,
        ABX_CAP_PAUSE,      ABX_CAP_IMMEDIATE_EXIT,
    };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        set_cap(caps, always[i], true);
    set_cap(caps, ABX_CAP_POINTER_AUTH, pointer_auth);
    set_cap(caps, ABX_CAP_IRQCHIP, hypervisor->gic);
    set_cap(caps, ABX_CAP_IRQ_LINES, hypervisor->gic);
    set_cap(caps, ABX_CAP_MSI, hypervisor->messages > 0);
    caps->guest_archs = 1u << ABX_ARCH_ARM64;
    caps->max_vcpus = smaller(vcpus, MOST_VCPUS);
    caps->max_slots = ABX_HVF_SLOTS;
    caps->max_gsi = hypervisor->lines;
    caps->phys_bits = hypervisor->ipa_bits ? hypervisor->ipa_bits : DEFAULT_IPA_BITS;
    /* Breakpoints and watchpoints are two kinds: this many can be of either. */
    caps->breakpoints = smaller(hypervisor->breakpoints, hypervisor->watchpoints);
    caps->page_size = ABX_HVF_PAGE;
    caps->max_vms = 1;
    caps->nesting = system_number("kern.hv_vmm_present") ? ABX_NESTING_GUEST : ABX_NESTING_BARE_METAL;
    strncpy(caps->detail, "Hypervisor.framework", sizeof(caps->detail) - 1);
}

static abx_status probe(abx_hvf_hypervisor *hypervisor, abx_capabilities *caps)
{
    uint32_t vcpus = 0;
    bool pointer_auth = false;
    abx_status status = probe_processor(hypervisor, &pointer_auth);
    if (status == ABX_OK)
        status = probe_addresses(hypervisor);
    if (status == ABX_OK)
        status = probe_counter(hypervisor);
    if (status == ABX_OK)
        status = abx_hv_check(hv_vm_get_max_vcpu_count(&vcpus), "ask Hypervisor.framework how many vCPUs there may be");
    if (status != ABX_OK)
        return status;
    abx_hvf_gic_probe(hypervisor);
    probe_nesting(caps);
    report(hypervisor, vcpus, pointer_auth, caps);
    return ABX_OK;
}

abx_status abx_hvf_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    (void)options;
    abx_status status = check_host();
    if (status == ABX_OK)
        status = abx_hvf_try_claim();
    if (status != ABX_OK)
        return status;
    abx_hvf_hypervisor *hypervisor = calloc(1, sizeof(*hypervisor));
    if (!hypervisor)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "open Hypervisor.framework");
    abx_capabilities found = { .size = sizeof(found) };
    status = probe(hypervisor, &found);
    if (status != ABX_OK) {
        free(hypervisor);
        return status;
    }
    *caps = found;
    *out = hypervisor;
    return ABX_OK;
}

void abx_hvf_close(void *hypervisor)
{
    free(hypervisor);
}
