/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exception.h"
#include "hvf_backend.h"
#include "trap.h"

#include <string.h>

enum { XZR = 31 };

/* Zero for the register that reads so. */
static abx_status get(const abx_hvf_vcpu *vcpu, uint32_t reg, uint64_t *value)
{
    *value = 0;
    if (reg == XZR)
        return ABX_OK;
    return abx_hv_check(hv_vcpu_get_reg(vcpu->id, reg, value), "read register X%u of vCPU %u", reg, vcpu->number);
}

static abx_status hypercall(abx_hvf_vcpu *vcpu, bool secure, abx_exit *exit)
{
    static const uint64_t NOT_SUPPORTED = UINT64_MAX; /* SMC Calling Convention (DEN0028, 7.1) */
    /* PC is behind an HVC already, and at an SMC, which was trapped before it did anything. */
    abx_status status = secure ? abx_hvf_advance(vcpu) : ABX_OK;
    vcpu->debug.stepped = true;
    exit->kind = ABX_EXIT_HYPERCALL;
    exit->hypercall.flags = secure;
    if (status == ABX_OK)
        status = get(vcpu, 0, &exit->hypercall.number);
    for (uint32_t i = 0; status == ABX_OK && i < sizeof(exit->hypercall.arguments) / sizeof(uint64_t); i++)
        status = get(vcpu, i + 1, &exit->hypercall.arguments[i]);
    vcpu->value = NOT_SUPPORTED;
    exit->hypercall.result = &vcpu->value;
    vcpu->pending = ABX_HVF_RESULT;
    return status;
}

static abx_status access_exit(abx_hvf_vcpu *vcpu, const abx_syndrome *syndrome, abx_exit *exit)
{
    vcpu->access = syndrome->access;
    vcpu->value = 0;
    if (syndrome->write) {
        abx_status status = get(vcpu, syndrome->access.reg, &vcpu->value);
        if (status != ABX_OK)
            return status;
        vcpu->value = abx_access_cut(&syndrome->access, vcpu->value);
    }
    vcpu->pending = syndrome->write ? ABX_HVF_STORE : ABX_HVF_LOAD;
    exit->kind = ABX_EXIT_MMIO;
    exit->mmio.address = vcpu->exit->exception.physical_address;
    exit->mmio.size = syndrome->access.size;
    exit->mmio.direction = syndrome->write ? ABX_WRITE : ABX_READ;
    exit->mmio.data = (uint8_t *)&vcpu->value; /* the host is little endian as well */
    return ABX_OK;
}

static abx_status data_abort(abx_hvf_vcpu *vcpu, uint64_t gaps, const abx_syndrome *syndrome, abx_exit *exit,
                             bool *again)
{
    const hv_vcpu_exit_exception_t *exception = &vcpu->exit->exception;
    abx_status status = abx_hvf_memory_fault(&vcpu->vm->memory, gaps, exception->physical_address,
                                             syndrome->write || syndrome->walk, again);
    if (status != ABX_OK || *again)
        return status;
    vcpu->fault = (abx_hvf_fault){ .valid = true, .write = syndrome->write, .address = exception->virtual_address };
    if (syndrome->cause == ABX_CAUSE_ACCESS)
        return access_exit(vcpu, syndrome, exit);
    if (syndrome->cause == ABX_CAUSE_CACHE) { /* there is nothing to be cleaned */
        *again = true;
        return abx_hvf_advance(vcpu);
    }
    exit->kind = ABX_EXIT_DATA_ABORT;
    exit->data_abort.address = exception->physical_address;
    exit->data_abort.syndrome = ABX_ESR_ISS(exception->syndrome);
    return ABX_OK;
}

/* Code where there is no memory: the guest gets the abort itself, as it would on hardware. */
static abx_status fetch_abort(abx_hvf_vcpu *vcpu, uint64_t gaps, const abx_syndrome *syndrome, bool *again)
{
    const hv_vcpu_exit_exception_t *exception = &vcpu->exit->exception;
    abx_status status =
        abx_hvf_memory_fault(&vcpu->vm->memory, gaps, exception->physical_address, syndrome->walk, again);
    if (status != ABX_OK || *again)
        return status;
    *again = true;
    const abx_exception abort = { .kind = ABX_EXCEPTION_FETCH, .address = exception->virtual_address };
    return abx_hvf_throw(vcpu, &abort);
}

static abx_status sysreg_exit(abx_hvf_vcpu *vcpu, const abx_sysreg_access *access, abx_exit *exit, bool *again)
{
    vcpu->value = 0;
    if (!access->read) {
        abx_status status = get(vcpu, access->reg, &vcpu->value);
        if (status != ABX_OK)
            return status;
    }
    vcpu->access = (abx_access){ .size = 8, .reg = access->reg, .wide = true };
    vcpu->pending = access->read ? ABX_HVF_LOAD : ABX_HVF_STORE;
    if (abx_hvf_trap(vcpu, access, &vcpu->value)) {
        *again = true;
        return abx_hvf_vcpu_complete_io(vcpu);
    }
    exit->kind = ABX_EXIT_SYSREG;
    exit->sysreg.reg = access->number;
    exit->sysreg.direction = access->read ? ABX_READ : ABX_WRITE;
    exit->sysreg.data = &vcpu->value;
    return ABX_OK;
}

static abx_status debug_exit(const abx_hvf_vcpu *vcpu, abx_exit *exit)
{
    uint64_t pc;
    abx_status status =
        abx_hv_check(hv_vcpu_get_reg(vcpu->id, HV_REG_PC, &pc), "get the PC of a debug exit of vCPU %u", vcpu->number);
    if (status != ABX_OK)
        return status;
    exit->kind = ABX_EXIT_DEBUG;
    exit->debug = (abx_exit_debug){
        .pc = pc,
        .syndrome = (uint32_t)vcpu->exit->exception.syndrome,
        .address = vcpu->exit->exception.virtual_address,
    };
    return ABX_OK;
}

/* All debug exceptions are trapped, or none: a breakpoint instruction that nobody asked for is the guest's. */
static abx_status breakpoint_exit(abx_hvf_vcpu *vcpu, abx_exit *exit, bool *again)
{
    if (vcpu->debug.software_breakpoints)
        return debug_exit(vcpu, exit);
    *again = true;
    const abx_exception own = { .kind = ABX_EXCEPTION_BRK, .syndrome = ABX_ESR_ISS(vcpu->exit->exception.syndrome) };
    return abx_hvf_throw(vcpu, &own);
}

/* Nothing to wait for while an input is high (DDI 0487, D1.7: it need not be unmasked). */
static abx_status wait_for_interrupt(abx_hvf_vcpu *vcpu, abx_exit *exit, bool *again)
{
    *again = vcpu->irq || vcpu->fiq;
    exit->kind = ABX_EXIT_HALT;
    return abx_hvf_advance(vcpu);
}

static abx_status decode_exception(abx_hvf_vcpu *vcpu, uint64_t gaps, abx_exit *exit, bool *again)
{
    const abx_syndrome syndrome = abx_syndrome_decode(vcpu->exit->exception.syndrome);
    exit->reason = syndrome.class;
    switch (syndrome.cause) {
    case ABX_CAUSE_WAIT_INTERRUPT:
        return wait_for_interrupt(vcpu, exit, again);
    case ABX_CAUSE_WAIT_EVENT:
        *again = true;
        return abx_hvf_advance(vcpu);
    case ABX_CAUSE_HVC:
    case ABX_CAUSE_SMC:
        return hypercall(vcpu, syndrome.cause == ABX_CAUSE_SMC, exit);
    case ABX_CAUSE_SYSREG:
        return sysreg_exit(vcpu, &syndrome.sysreg, exit, again);
    case ABX_CAUSE_ACCESS:
    case ABX_CAUSE_UNDESCRIBED:
    case ABX_CAUSE_CACHE:
        return data_abort(vcpu, gaps, &syndrome, exit, again);
    case ABX_CAUSE_FETCH:
        return fetch_abort(vcpu, gaps, &syndrome, again);
    case ABX_CAUSE_DEBUG:
        return debug_exit(vcpu, exit);
    case ABX_CAUSE_BRK:
        return breakpoint_exit(vcpu, exit, again);
    case ABX_CAUSE_UNKNOWN:
        break;
    }
    exit->kind = ABX_EXIT_UNKNOWN;
    return ABX_OK;
}

abx_status abx_hvf_decode(abx_hvf_vcpu *vcpu, uint64_t gaps, abx_exit *exit, bool *again)
{
    enum { OTHER_REASONS = 0x100 }; /* beyond all exception classes */
    abx_exit decoded = { .reason = OTHER_REASONS | vcpu->exit->reason };
    abx_status status = ABX_OK;
    *again = false;
    vcpu->fault.valid = false;
    switch (vcpu->exit->reason) {
    case HV_EXIT_REASON_CANCELED:
        decoded.kind = ABX_EXIT_INTERRUPTED;
        *again = !atomic_load(&vcpu->kicked);
        break;
    case HV_EXIT_REASON_EXCEPTION:
        status = decode_exception(vcpu, gaps, &decoded, again);
        break;
    case HV_EXIT_REASON_VTIMER_ACTIVATED:
        decoded.kind = ABX_EXIT_TIMER;
        break;
    default:
        decoded.kind = ABX_EXIT_UNKNOWN;
        break;
    }
    if (status == ABX_OK && !*again)
        *exit = decoded;
    return status;
}
