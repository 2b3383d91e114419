/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug.h"

#include "exceptions.h"
#include "instruction.h"
#include "syndrome.h"
#include "translate.h"
#include "turn.h"

#define MDSCR_SS   (UINT64_C(1) << 0)
#define MDSCR_KDE  (UINT64_C(1) << 13)
#define MDSCR_MDE  (UINT64_C(1) << 15)
#define CONTROL_ON UINT64_C(1)

/* The guest's own debugger gets nothing from EL1 unless it asks for that. */
static bool enabled(const model_vcpu *vcpu)
{
    return vcpu->trap_debug || (vcpu->mdscr & MDSCR_KDE) || !(register_pstate(vcpu) & 0xc);
}

bool debug_active(const model_vcpu *vcpu)
{
    return vcpu->mdscr & (MDSCR_SS | MDSCR_MDE);
}

static bool at_breakpoint(const model_vcpu *vcpu, uint64_t pc)
{
    for (size_t i = 0; i < MODEL_DEBUG_REGISTERS; i++) {
        if ((vcpu->breakpoint_control[i] & CONTROL_ON) && vcpu->breakpoint[i] == pc)
            return true;
    }
    return false;
}

/* Which of the 8 bytes from DBGWVRn_EL1 on: BAS; more than 8 by MASK. */
static bool watches(const model_vcpu *vcpu, size_t number, const instruction_access *access, uint64_t *address)
{
    uint64_t control = vcpu->watchpoint_control[number], first = vcpu->watchpoint[number], end;
    uint32_t mask = control >> 24 & 31, bytes = control >> 5 & 0xff;
    if (mask) {
        first &= UINT64_MAX << mask;
        end = first + (UINT64_C(1) << mask);
    } else {
        if (!bytes)
            return false;
        end = first + 32 - (uint32_t)__builtin_clz(bytes);
        first += (uint32_t)__builtin_ctz(bytes);
    }
    if (!(control & CONTROL_ON) || !(control >> 3 & (access->write ? 2 : 1)))
        return false;
    if (access->address >= end || access->address + access->size <= first)
        return false;
    *address = access->address > first ? access->address : first;
    return true;
}

static bool at_watchpoint(model_vcpu *vcpu, uint64_t pc)
{
    instruction_access access;
    vcpu->pc = pc;
    if (!instruction_decode(vcpu, fetch(vcpu, pc), &access))
        return false;
    for (size_t i = 0; i < MODEL_DEBUG_REGISTERS; i++) {
        if (watches(vcpu, i, &access, &vcpu->virtual_address))
            return true;
    }
    return false;
}

model_event debug_before(model_vcpu *vcpu, uint64_t pc)
{
    if (!enabled(vcpu))
        return EVENT_NONE;
    if ((vcpu->mdscr & MDSCR_SS) && !vcpu->software_step)
        return EVENT_STEP;
    if ((vcpu->mdscr & MDSCR_MDE) && at_breakpoint(vcpu, pc))
        return EVENT_BREAKPOINT;
    if ((vcpu->mdscr & MDSCR_MDE) && at_watchpoint(vcpu, pc))
        return EVENT_WATCHPOINT;
    vcpu->stepped = (vcpu->mdscr & MDSCR_SS) != 0;
    if (vcpu->stepped)
        vcpu->software_step = false;
    return EVENT_NONE;
}

void debug_undo(model_vcpu *vcpu)
{
    if (vcpu->stepped)
        vcpu->software_step = true;
    vcpu->stepped = false;
}

static uint64_t syndrome(const model_vcpu *vcpu)
{
    instruction_access access;
    switch (vcpu->event) {
    case EVENT_BREAKPOINT:
        return SYNDROME(CLASS_BREAKPOINT, SYNDROME_DEBUG);
    case EVENT_WATCHPOINT:
        instruction_decode(vcpu, fetch(vcpu, vcpu->pc), &access);
        return SYNDROME(CLASS_WATCHPOINT, SYNDROME_DEBUG | (access.write ? SYNDROME_WRITE : 0));
    default:
        return SYNDROME(CLASS_STEP, 1u << 24 | SYNDROME_DEBUG);
    }
}

bool debug_event(model_vcpu *vcpu)
{
    uint64_t address = vcpu->event == EVENT_WATCHPOINT ? vcpu->virtual_address : 0;
    if (vcpu->trap_debug) {
        exit_with(vcpu, syndrome(vcpu));
        vcpu->exit.exception.virtual_address = address;
        return true;
    }
    uint64_t same_level = register_pstate(vcpu) & 0xc ? UINT64_C(1) << 26 : 0;
    if (address)
        register_write_system(vcpu, SYSREG_FAR_EL1, address);
    exception_take(vcpu, syndrome(vcpu) + same_level, register_pc(vcpu));
    return false;
}

hv_return_t hv_vcpu_set_trap_debug_exceptions(hv_vcpu_t id, bool trap)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status))
        vcpu->trap_debug = trap;
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_trap_debug_reg_accesses(hv_vcpu_t id, bool trap)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status))
        vcpu->trap_debug_registers = trap;
    turn_give();
    return status;
}
