/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"
#include "sysreg.h"

#include <errno.h>
#include <stdlib.h>

/* RES1 of MPIDR_EL1 (DDI 0487, D19.2). */
#define MPIDR_RES1 (UINT64_C(1) << 31)
/* EL2 with its own stack, all of DAIF masked: where a guest with EL2 begins. */
#define PSTATE_EL2H UINT64_C(0x3c9)

static void join(abx_hvf_vcpu *vcpu)
{
    pthread_mutex_lock(&vcpu->vm->lock);
    vcpu->next = vcpu->vm->vcpus;
    vcpu->vm->vcpus = vcpu;
    pthread_mutex_unlock(&vcpu->vm->lock);
}

static void part(const abx_hvf_vcpu *vcpu)
{
    pthread_mutex_lock(&vcpu->vm->lock);
    abx_hvf_vcpu **link = &vcpu->vm->vcpus;
    while (*link != vcpu)
        link = &(*link)->next;
    *link = vcpu->next;
    pthread_mutex_unlock(&vcpu->vm->lock);
}

static abx_status create(abx_hvf_vcpu *vcpu)
{
    hv_return_t result = hv_vcpu_create(&vcpu->id, &vcpu->exit, NULL);
    if (result == HV_BUSY)
        return abx_fail(ABX_ERR_BUSY, 0, "A thread has one vCPU: create each in a thread of its own.", "create vCPU %u",
                        vcpu->number);
    return abx_hv_check(result, "create vCPU %u", vcpu->number);
}

/*
 * ID_AA64PFR0_EL1.GIC: there is a GIC with system registers. The framework says so for its own only, but that of the
 * caller has them too: accesses come out as ABX_EXIT_SYSREG.
 */
static hv_return_t offer_gic_registers(const abx_hvf_vcpu *vcpu)
{
    const uint64_t mask = UINT64_C(0xf) << 24, version_3 = UINT64_C(1) << 24;
    uint64_t features;
    hv_return_t result = hv_vcpu_get_sys_reg(vcpu->id, ABX_SYSREG_ID_AA64PFR0_EL1, &features);
    if (result != HV_SUCCESS || vcpu->vm->gic)
        return result;
    return hv_vcpu_set_sys_reg(vcpu->id, ABX_SYSREG_ID_AA64PFR0_EL1, (features & ~mask) | version_3);
}

/* Which one it is, and where it begins. */
static abx_status set_up(const abx_hvf_vcpu *vcpu)
{
    bool el2 = vcpu->vm->config->nested == ABX_YES;
    hv_return_t result = hv_vcpu_set_sys_reg(vcpu->id, ABX_REG_NUMBER(ABX_ARM64_MPIDR_EL1),
                                             MPIDR_RES1 | ABX_ARM64_AFFINITY(vcpu->number));
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_reg(vcpu->id, HV_REG_CPSR, el2 ? PSTATE_EL2H : ABX_ARM64_PSTATE_EL1H);
    if (result == HV_SUCCESS)
        result = offer_gic_registers(vcpu);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_vtimer_offset(vcpu->id, vcpu->offset);
    return abx_hv_check(result, "set up vCPU %u", vcpu->number);
}

abx_status abx_hvf_vcpu_create(void **out, void *object, uint32_t id)
{
    abx_hvf_vm *vm = object;
    abx_hvf_vcpu *vcpu = calloc(1, sizeof(*vcpu));
    if (!vcpu)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create vCPU %u", id);
    vcpu->vm = vm;
    vcpu->number = id;
    vcpu->offset = atomic_load(&vm->clock.offset);
    vcpu->mp_state = id == 0 ? ABX_MP_RUNNABLE : ABX_MP_STOPPED;
    atomic_init(&vcpu->kicked, false);
    atomic_init(&vcpu->inside, false);
    atomic_init(&vcpu->has_run, false);
    abx_status status = create(vcpu);
    if (status != ABX_OK)
        goto free_vcpu;
    status = set_up(vcpu);
    if (status == ABX_OK)
        status = abx_hvf_gic_check_vcpu(vcpu);
    if (status == ABX_OK)
        status = abx_hvf_sysreg_find(vcpu);
    if (status == ABX_OK)
        status = abx_hvf_image_fetch(&vcpu->initial, vcpu);
    if (status != ABX_OK)
        goto destroy_vcpu;
    join(vcpu);
    *out = vcpu;
    return ABX_OK;

destroy_vcpu:
    (void)hv_vcpu_destroy(vcpu->id);
free_vcpu:
    free(vcpu);
    return status;
}

void abx_hvf_vcpu_destroy(void *object)
{
    abx_hvf_vcpu *vcpu = object;
    part(vcpu);
    /* Fails only for a vCPU that is not this thread's, and the core has seen to that. */
    (void)hv_vcpu_destroy(vcpu->id);
    free(vcpu);
}

void abx_hvf_vcpu_kick(void *object)
{
    abx_hvf_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, true);
    /* The framework remembers it for a vCPU that has not entered yet. */
    (void)hv_vcpus_exit(&vcpu->id, 1);
}

void abx_hvf_vcpu_clear_kick(void *object)
{
    abx_hvf_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, false);
}

void abx_hvf_vcpus_turn(abx_hvf_vm *vm, const abx_hvf_vcpu *but)
{
    pthread_mutex_lock(&vm->lock);
    for (abx_hvf_vcpu *vcpu = vm->vcpus; vcpu; vcpu = vcpu->next) {
        if (vcpu != but)
            (void)hv_vcpus_exit(&vcpu->id, 1);
    }
    pthread_mutex_unlock(&vm->lock);
}
