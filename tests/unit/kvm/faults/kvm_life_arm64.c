/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_life.h"

#include <linux/kvm.h>

void kvm_life_configure(const abx_hypervisor *hypervisor, abx_vm_config *config)
{
    config->cpus = 2;
    config->pmu = ABX_YES;
    config->sve = ABX_YES;
    config->pointer_auth = ABX_YES;
    config->hypercall_exits = abx_hypervisor_has(hypervisor, ABX_CAP_HYPERCALL_EXITS);
}

abx_status kvm_life_prepare(kvm_life *life)
{
    abx_arm64_gic gic;
    kvm_output(&gic, sizeof(gic));
    return kvm_outcome(abx_arm64_get_gic(life->vm, &gic), &gic, sizeof(gic));
}

void kvm_life_registers(abx_reg names[KVM_LIFE_BATCH])
{
    enum { CORE = 37, OTHERS = 3, VECTORS = KVM_LIFE_BATCH - OTHERS };
    for (uint32_t i = 0; i < VECTORS; i++)
        names[i] = i < CORE ? ABX_ARM64_X(i) : ABX_ARM64_V_LOW(0) + (i - CORE);
    names[VECTORS] = ABX_ARM64_TTBR0_EL1;
    names[VECTORS + 1] = ABX_ARM64_TPIDR_EL0;
    names[VECTORS + 2] = ABX_ARM64_P(0, 1);
}

/* Which devices there are; and a register that has its value already need not take it. */
bool kvm_life_is_answer(bool asked, unsigned long request)
{
    return (asked && (request == KVM_CREATE_DEVICE || request == KVM_HAS_DEVICE_ATTR)) || request == KVM_SET_ONE_REG;
}

static abx_status set_ppi(kvm_life *life)
{
    return abx_arm64_set_ppi(life->vm, 0, 7, true);
}

static abx_status get_events(kvm_life *life)
{
    abx_arm64_events events;
    kvm_output(&events, sizeof(events));
    return kvm_outcome(abx_arm64_get_events(life->vcpu, &events), &events, sizeof(events));
}

static abx_status set_events(kvm_life *life)
{
    const abx_arm64_events events = { .serror_pending = true };
    return abx_arm64_set_events(life->vcpu, &events);
}

static abx_status list_system_registers(kvm_life *life)
{
    abx_reg names[8];
    size_t count;
    kvm_output(names, sizeof(names));
    kvm_output(&count, sizeof(count));
    abx_status status = abx_arm64_sysreg_list(life->vcpu, names, 8, &count);
    kvm_outcome(status, &count, sizeof(count));
    return kvm_outcome(status, names, sizeof(names));
}

static abx_status reset(kvm_life *life)
{
    return abx_arm64_reset(life->vcpu);
}

static abx_status save_gic(kvm_life *life)
{
    size_t size;
    kvm_output(&size, sizeof(size));
    kvm_output(life->state, sizeof(life->state));
    abx_status status = abx_arm64_save_gic(life->vm, life->state, sizeof(life->state), &size);
    kvm_outcome(status, &size, sizeof(size));
    life->state_size = status == ABX_OK ? size : 0;
    return kvm_outcome(status, life->state, sizeof(life->state));
}

static abx_status restore_gic(kvm_life *life)
{
    return abx_arm64_restore_gic(life->vm, life->state, life->state_size);
}

const kvm_step kvm_life_steps_arch[] = {
    { "set a private interrupt", set_ppi },
    { "get events", get_events },
    { "set events", set_events },
    { "list system registers", list_system_registers },
    { "reset a vCPU", reset },
    { "save the GIC", save_gic, KVM_STEP_LONG },
    { "restore the GIC", restore_gic, KVM_STEP_LONG },
};
const size_t kvm_life_step_count_arch = sizeof(kvm_life_steps_arch) / sizeof(kvm_life_steps_arch[0]);
