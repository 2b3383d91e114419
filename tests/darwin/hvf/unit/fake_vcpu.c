/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_hv.h"

#include <string.h>

enum { SYSREGS = 1 << 16 };

static uint64_t sysregs[FAKE_VCPUS][SYSREGS], icc[FAKE_VCPUS][SYSREGS];

/* An id that is no index. */
enum { FIRST_ID = 100 };

/* The vCPU, for its own thread; NULL otherwise. */
static fake_vcpu *own(hv_vcpu_t id)
{
    assert_in_range(id, FIRST_ID, FIRST_ID + FAKE_VCPUS - 1);
    fake_vcpu *vcpu = &fake.vcpus[id - FIRST_ID];
    if (vcpu->used && pthread_equal(vcpu->owner, pthread_self()))
        return vcpu;
    atomic_fetch_add(&fake.thread_faults, 1);
    return NULL;
}

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

/* One per thread. */
static fake_vcpu *take(hv_return_t *result)
{
    fake_vcpu *taken = NULL;
    pthread_mutex_lock(&table);
    for (size_t i = 0; i < FAKE_VCPUS; i++) {
        if (fake.vcpus[i].used && pthread_equal(fake.vcpus[i].owner, pthread_self()))
            *result = HV_BUSY;
    }
    for (size_t i = 0; *result == HV_SUCCESS && !taken && i < FAKE_VCPUS; i++) {
        if (!fake.vcpus[i].used)
            taken = &fake.vcpus[i];
    }
    if (taken)
        *taken = (fake_vcpu){ .used = true, .owner = pthread_self() };
    pthread_mutex_unlock(&table);
    return taken;
}

hv_return_t hv_vcpu_create(hv_vcpu_t *id, hv_vcpu_exit_t **exit, hv_vcpu_config_t config)
{
    assert_null(config);
    hv_return_t result = fake_call(fake.vm ? HV_SUCCESS : HV_NO_DEVICE);
    fake_vcpu *vcpu = result == HV_SUCCESS ? take(&result) : NULL;
    if (!vcpu)
        return result == HV_SUCCESS ? HV_NO_RESOURCES : result;
    size_t index = (size_t)(vcpu - fake.vcpus);
    vcpu->sysregs = memset(sysregs[index], 0, sizeof(sysregs[index]));
    vcpu->icc = memset(icc[index], 0, sizeof(icc[index]));
    *id = index + FIRST_ID;
    *exit = &vcpu->exit;
    return HV_SUCCESS;
}

hv_return_t hv_vcpu_destroy(hv_vcpu_t id)
{
    fake_vcpu *vcpu = own(id);
    if (!vcpu)
        return HV_BAD_ARGUMENT;
    pthread_mutex_lock(&table);
    vcpu->used = false;
    pthread_mutex_unlock(&table);
    return HV_SUCCESS;
}

static void add(hv_vcpu_t id, hv_vcpu_exit_t exit)
{
    fake_vcpu *vcpu = &fake.vcpus[id - FIRST_ID];
    assert_in_range(vcpu->scripted, 0, FAKE_SCRIPT - 1);
    vcpu->script[vcpu->scripted++] = exit;
}

void fake_exception(hv_vcpu_t id, uint64_t syndrome, uint64_t virtual_address, hv_ipa_t ipa)
{
    add(id, (hv_vcpu_exit_t){ HV_EXIT_REASON_EXCEPTION, { syndrome, virtual_address, ipa } });
}

void fake_reason(hv_vcpu_t id, hv_exit_reason_t reason)
{
    add(id, (hv_vcpu_exit_t){ .reason = reason });
}

hv_return_t hv_vcpu_run(hv_vcpu_t id)
{
    fake_vcpu *vcpu = own(id);
    if (!vcpu)
        return HV_BAD_ARGUMENT;
    hv_return_t result = fake_call(HV_SUCCESS);
    if (result != HV_SUCCESS)
        return result;
    vcpu->ran_with_irq = vcpu->irq;
    vcpu->ran_with_fiq = vcpu->fiq;
    vcpu->ran_with_pstate = vcpu->general[HV_REG_CPSR];
    vcpu->irq = vcpu->fiq = false;
    if (atomic_exchange(&vcpu->cancel, false)) {
        vcpu->exit.reason = HV_EXIT_REASON_CANCELED;
        return HV_SUCCESS;
    }
    if (fake.run)
        return fake.run(vcpu);
    assert_in_range(vcpu->played, 0, vcpu->scripted - 1); /* otherwise it runs for ever */
    vcpu->exit = vcpu->script[vcpu->played++];
    if (vcpu->exit.reason == HV_EXIT_REASON_VTIMER_ACTIVATED)
        vcpu->timer_masked = true;
    return HV_SUCCESS;
}

hv_return_t hv_vcpus_exit(hv_vcpu_t *vcpus, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_in_range(vcpus[i], FIRST_ID, FIRST_ID + FAKE_VCPUS - 1);
        atomic_store(&fake.vcpus[vcpus[i] - FIRST_ID].cancel, true);
    }
    return HV_SUCCESS;
}

hv_return_t hv_vcpu_get_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
    const fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && reg <= HV_REG_CPSR ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *value = vcpu->general[reg];
    return result;
}

hv_return_t hv_vcpu_set_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && reg <= HV_REG_CPSR ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        vcpu->general[reg] = value;
    return result;
}

hv_return_t hv_vcpu_get_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value)
{
    const fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && reg < 32 ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *value = vcpu->vectors[reg];
    return result;
}

hv_return_t hv_vcpu_set_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && reg < 32 ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        vcpu->vectors[reg] = value;
    return result;
}

hv_return_t hv_vcpu_get_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t *value)
{
    const fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && reg != fake.unknown_sysreg ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *value = vcpu->sysregs[reg];
    return result;
}

hv_return_t hv_vcpu_set_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t value)
{
    fake_vcpu *vcpu = own(id);
    bool writable = reg != fake.unknown_sysreg && reg != fake.fixed_sysreg;
    hv_return_t result = fake_call(vcpu && writable ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        vcpu->sysregs[reg] = value;
    return result;
}

hv_return_t hv_vcpu_set_pending_interrupt(hv_vcpu_t id, hv_interrupt_type_t type, bool pending)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(fake.gic ? HV_UNSUPPORTED : vcpu ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *(type == HV_INTERRUPT_TYPE_IRQ ? &vcpu->irq : &vcpu->fiq) = pending;
    return result;
}

/* A flag of the vCPU, got or set. */
static hv_return_t set_flag(hv_vcpu_t id, size_t offset, bool on)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *(bool *)((char *)vcpu + offset) = on;
    return result;
}

hv_return_t hv_vcpu_set_trap_debug_exceptions(hv_vcpu_t id, bool trap)
{
    return set_flag(id, offsetof(fake_vcpu, trap_exceptions), trap);
}

hv_return_t hv_vcpu_set_trap_debug_reg_accesses(hv_vcpu_t id, bool trap)
{
    return set_flag(id, offsetof(fake_vcpu, trap_accesses), trap);
}

hv_return_t hv_vcpu_set_vtimer_mask(hv_vcpu_t id, bool masked)
{
    return set_flag(id, offsetof(fake_vcpu, timer_masked), masked);
}

hv_return_t hv_vcpu_get_vtimer_mask(hv_vcpu_t id, bool *masked)
{
    const fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *masked = vcpu->timer_masked;
    return result;
}

hv_return_t hv_vcpu_set_vtimer_offset(hv_vcpu_t id, uint64_t offset)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        vcpu->offset = offset;
    return result;
}

hv_return_t hv_gic_get_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t *value)
{
    const fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && fake.gic ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        *value = vcpu->icc[reg];
    return result;
}

hv_return_t hv_gic_set_icc_reg(hv_vcpu_t id, hv_gic_icc_reg_t reg, uint64_t value)
{
    fake_vcpu *vcpu = own(id);
    hv_return_t result = fake_call(vcpu && fake.gic ? HV_SUCCESS : HV_BAD_ARGUMENT);
    if (result == HV_SUCCESS)
        vcpu->icc[reg] = value;
    return result;
}
