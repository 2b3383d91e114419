/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exception.h"
#include "hvf_backend.h"

static abx_status interrupted(abx_exit *exit)
{
    exit->kind = ABX_EXIT_INTERRUPTED;
    exit->reason = 0;
    return ABX_OK;
}

/* The framework lowers the inputs whenever the guest is left. */
static abx_status raise_inputs(const abx_hvf_vcpu *vcpu)
{
    hv_return_t result = HV_SUCCESS;
    if (vcpu->irq)
        result = hv_vcpu_set_pending_interrupt(vcpu->id, HV_INTERRUPT_TYPE_IRQ, true);
    if (result == HV_SUCCESS && vcpu->fiq)
        result = hv_vcpu_set_pending_interrupt(vcpu->id, HV_INTERRUPT_TYPE_FIQ, true);
    return abx_hv_check(result, "raise the interrupt inputs of vCPU %u", vcpu->number);
}

/* The counter is the VM's: after a sleep of the host, or a write of it, the others enter with the new one too. */
static abx_status set_counter(abx_hvf_vcpu *vcpu)
{
    if (abx_hvf_clock_check(&vcpu->vm->clock))
        abx_hvf_vcpus_turn(vcpu->vm, vcpu);
    uint64_t offset = atomic_load(&vcpu->vm->clock.offset);
    if (offset == vcpu->offset)
        return ABX_OK;
    abx_status status =
        abx_hv_check(hv_vcpu_set_vtimer_offset(vcpu->id, offset), "set the virtual counter of vCPU %u", vcpu->number);
    if (status == ABX_OK)
        vcpu->offset = offset;
    return status;
}

static abx_status prepare(abx_hvf_vcpu *vcpu)
{
    abx_status status = raise_inputs(vcpu);
    if (status == ABX_OK)
        status = set_counter(vcpu);
    if (status == ABX_OK && vcpu->serror)
        status = abx_hvf_try_serror(vcpu);
    if (status == ABX_OK && vcpu->debug.single_step)
        status = abx_debug_arm_step(&vcpu->debug, vcpu->id);
    return status;
}

static hv_return_t enter(abx_hvf_vcpu *vcpu)
{
    atomic_store(&vcpu->has_run, true);
    atomic_store(&vcpu->inside, true);
    hv_return_t result = hv_vcpu_run(vcpu->id);
    atomic_store_explicit(&vcpu->inside, false, memory_order_release);
    return result;
}

/* The hardware does not take the guest's state: that is the guest's end, and none of ours. */
static abx_status run_failed(const abx_hvf_vcpu *vcpu, hv_return_t result, abx_exit *exit)
{
    if (result != HV_ILLEGAL_GUEST_STATE)
        return abx_hv_check(result, "run vCPU %u", vcpu->number);
    exit->kind = ABX_EXIT_FAIL_ENTRY;
    exit->reason = 0;
    exit->fail_entry = (abx_exit_fail_entry){ .hardware_reason = (uint32_t)result, .cpu = UINT32_MAX };
    return ABX_OK;
}

static abx_status check_runnable(const abx_hvf_vcpu *vcpu)
{
    if (vcpu->mp_state == ABX_MP_RUNNABLE)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "It is switched off: abx_vcpu_set_mp_state() switches it on.", "run vCPU %u",
                    vcpu->number);
}

abx_status abx_hvf_vcpu_run(void *object, abx_exit *exit)
{
    abx_hvf_vcpu *vcpu = object;
    abx_status status = check_runnable(vcpu);
    if (status == ABX_OK)
        status = abx_hvf_vcpu_complete_io(vcpu);
    bool again = true;
    while (status == ABX_OK && again) {
        if (atomic_load(&vcpu->kicked))
            return interrupted(exit);
        status = prepare(vcpu);
        if (status != ABX_OK)
            break;
        uint64_t gaps = abx_hvf_memory_gaps(&vcpu->vm->memory);
        hv_return_t result = enter(vcpu);
        if (result != HV_SUCCESS)
            return run_failed(vcpu, result, exit);
        status = abx_hvf_decode(vcpu, gaps, exit, &again);
    }
    return status;
}
