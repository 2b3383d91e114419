/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/nested.h"

#include <cpuid.h>
#include <string.h>

/* Intel SDM vol. 2, CPUID; AMD APM vol. 3, appendix E; for the hypervisor's leaves Linux,
 * Documentation/virt/kvm/x86/cpuid.rst. */
enum { LEAF_FEATURES = 1 };
#define LEAF_HYPERVISOR     0x40000000u
#define LEAF_HYPERVISOR_TWO 0x40000100u /* KVM's own, where it shows Hyper-V's first */
#define LEAF_AMD_LAST       0x80000000u
#define LEAF_AMD_FEATURES   0x80000001u
#define ECX_VMX             (UINT32_C(1) << 5)
#define ECX_HYPERVISOR      (UINT32_C(1) << 31)
#define AMD_ECX_SVM         (UINT32_C(1) << 2)

enum { EAX, EBX, ECX, EDX, SIGNATURE_LENGTH = 12 };

static void host_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
    __cpuid_count(leaf, subleaf, registers[EAX], registers[EBX], registers[ECX], registers[EDX]);
}

const abx_nested_sources abx_nested_this_host = { .root = "", .cpuid = host_cpuid };

/* A hypervisor's signature as text; control characters and what follows a zero are left out. */
static void read_signature(const abx_nested_sources *sources, uint32_t leaf, char signature[16])
{
    uint32_t registers[4];
    char raw[SIGNATURE_LENGTH];
    sources->cpuid(leaf, 0, registers);
    memcpy(raw, &registers[EBX], sizeof(raw));
    size_t length = 0;
    for (size_t i = 0; i < sizeof(raw) && raw[i]; i++) {
        if (raw[i] >= ' ' && raw[i] <= '~')
            signature[length++] = raw[i];
    }
    signature[length] = 0;
}

abx_nesting abx_nested_host(const abx_nested_sources *sources, char signature[16])
{
    uint32_t registers[4];
    sources->cpuid(LEAF_FEATURES, 0, registers);
    if (!(registers[ECX] & ECX_HYPERVISOR)) {
        signature[0] = 0;
        return ABX_NESTING_BARE_METAL;
    }
    char second[16] = "";
    read_signature(sources, LEAF_HYPERVISOR, signature);
    read_signature(sources, LEAF_HYPERVISOR_TWO, second);
    if (strcmp(signature, "Microsoft Hv") == 0 && strcmp(second, "KVMKVMKVM") == 0)
        memcpy(signature, second, sizeof(second));
    return ABX_NESTING_GUEST;
}

static bool has_vmx(const abx_nested_sources *sources)
{
    uint32_t registers[4];
    sources->cpuid(LEAF_FEATURES, 0, registers);
    return registers[ECX] & ECX_VMX;
}

static bool has_svm(const abx_nested_sources *sources)
{
    uint32_t registers[4];
    sources->cpuid(LEAF_AMD_LAST, 0, registers);
    if (registers[EAX] < LEAF_AMD_FEATURES)
        return false;
    sources->cpuid(LEAF_AMD_FEATURES, 0, registers);
    return registers[ECX] & AMD_ECX_SVM;
}

const char *abx_nested_obstacle(const abx_nested_sources *sources)
{
    if (has_vmx(sources) && !abx_nested_module_flag(sources, "kvm_intel", "nested", true))
        return "module kvm_intel is loaded with nested=0";
    if (has_svm(sources) && !abx_nested_module_flag(sources, "kvm_amd", "nested", true))
        return "module kvm_amd is loaded with nested=0";
    return has_vmx(sources) || has_svm(sources) ? "this KVM does not offer it" : "there is none to pass on";
}

const char *abx_nested_technology(const abx_nested_sources *sources, bool *hardware)
{
    bool vmx = has_vmx(sources);
    bool svm = has_svm(sources);
    if (hardware)
        *hardware = vmx || svm;
    if (vmx)
        return "Intel VMX";
    if (svm)
        return "AMD SVM";
    return abx_nested_has_module(sources, "kvm_pvm") ? "PVM (software)" : "software";
}
