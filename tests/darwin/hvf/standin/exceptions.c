/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exceptions.h"

#include "instruction.h"
#include "level.h"
#include "syndrome.h"
#include "translate.h"

/* Offsets of vectors (D1.3.1), and PSTATE in a handler: EL1 with its own stack, all of DAIF. */
enum { VECTOR_IRQ = 0x80, VECTOR_FIQ = 0x100, FROM_SP0 = 0x000, FROM_EL1 = 0x200, FROM_EL0 = 0x400 };
#define PSTATE_HANDLER UINT64_C(0x3c5)
#define PSTATE_EL      UINT64_C(0xc)

enum { ALIGNMENT_FAULT = 0x21 };

static uint64_t read_system(const model_vcpu *vcpu, hv_sys_reg_t reg)
{
    uint64_t value = 0;
    register_read_system(vcpu, reg, &value);
    return value;
}

static void vector(model_vcpu *vcpu, uint64_t offset, uint64_t back)
{
    uint64_t before = register_pstate(vcpu);
    uint64_t from = !(before & PSTATE_EL) ? FROM_EL0 : before & PSTATE_SP ? FROM_EL1 : FROM_SP0;
    register_write_system(vcpu, SYSREG_SPSR_EL1, before);
    register_write_system(vcpu, SYSREG_ELR_EL1, back);
    register_set_pstate(vcpu, PSTATE_HANDLER);
    if (from == FROM_EL0)
        level_return(vcpu);
    register_set_pc(vcpu, read_system(vcpu, SYSREG_VBAR_EL1) + from + offset);
}

void exception_take(model_vcpu *vcpu, uint64_t syndrome, uint64_t back)
{
    register_write_system(vcpu, SYSREG_ESR_EL1, syndrome);
    vector(vcpu, 0, back);
}

void exception_take_abort(model_vcpu *vcpu, bool fetching)
{
    uint32_t class = fetching ? CLASS_INSTRUCTION_ABORT : CLASS_DATA_ABORT;
    uint32_t fault = ALIGNMENT_FAULT;
    uint64_t address = vcpu->pc;
    instruction_access access = { 0 };
    if (!fetching && instruction_decode(vcpu, fetch(vcpu, vcpu->pc), &access))
        address = access.address;
    access_kind kind = fetching ? ACCESS_FETCH : access.write ? ACCESS_WRITE : ACCESS_READ;
    /* Where the first byte has a translation, it may be the last one that has none. */
    hv_ipa_t ipa;
    uint32_t found;
    if (!translate(vcpu, address, kind, &ipa, &found)) {
        fault = found;
    } else if (access.size && !translate(vcpu, address + access.size - 1, kind, &ipa, &found)) {
        fault = found;
        address = (address + access.size - 1) & ~UINT64_C(0xfff);
    }
    if (register_pstate(vcpu) & PSTATE_EL)
        class ++;
    register_write_system(vcpu, SYSREG_FAR_EL1, address);
    exception_take(vcpu, SYNDROME(class, fault | (access.write ? SYNDROME_WRITE : 0)), vcpu->pc);
}

static bool lets_in(const model_vcpu *vcpu, uint64_t mask)
{
    return !(register_pstate(vcpu) & mask);
}

bool exception_interruptible(const model_vcpu *vcpu, bool irq, bool fiq)
{
    return (irq && lets_in(vcpu, PSTATE_IRQ)) || (fiq && lets_in(vcpu, PSTATE_FIQ));
}

void exception_interrupt(model_vcpu *vcpu, bool irq, bool fiq)
{
    if (fiq && lets_in(vcpu, PSTATE_FIQ))
        vector(vcpu, VECTOR_FIQ, register_pc(vcpu));
    else if (irq && lets_in(vcpu, PSTATE_IRQ))
        vector(vcpu, VECTOR_IRQ, register_pc(vcpu));
}
