/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "outcome.h"

#include "debug.h"
#include "exceptions.h"
#include "gic.h"
#include "instruction.h"
#include "memory.h"
#include "syndrome.h"
#include "translate.h"

#include <stdio.h>

/* Numbers of exceptions as libunicorn gives them. */
enum { UNDEFINED = 1, SUPERVISOR_CALL = 2, FETCH_ABORT = 3, DATA_ABORT = 4, BREAKPOINT = 7, SECURE_CALL = 13 };

enum { INSTRUCTION = 4, CLASS_FP = 0x07, NO_CONDITION = 0x1e00000 };

static bool is_user(const model_vcpu *vcpu)
{
    return !(register_pstate(vcpu) & 0xc);
}

/* WFI ends when an interrupt is there, whether it is let in or not. WFE waits for nothing. */
static bool after_wait(model_vcpu *vcpu)
{
    bool irq, fiq, waits = fetch(vcpu, vcpu->pc) == INSTRUCTION_WFI;
    gic_inputs(vcpu, &irq, &fiq);
    if (!waits || irq || fiq || gic_exists()) {
        register_set_pc(vcpu, vcpu->pc + INSTRUCTION);
        if (waits && gic_exists())
            gic_wait(vcpu);
        return false;
    }
    register_set_pc(vcpu, vcpu->pc);
    exit_with(vcpu, SYNDROME(CLASS_WFX, NO_CONDITION));
    return true;
}

static bool is_vector(uint32_t instruction)
{
    bool load_or_store = (instruction & 0x0a000000) == 0x08000000;
    return (instruction & 0x0e000000) == 0x0e000000 || (load_or_store && (instruction & 1u << 26));
}

static bool vectors_are_off(const model_vcpu *vcpu)
{
    uint64_t cpacr = 0;
    register_read_system(vcpu, SYSREG(3, 0, 1, 0, 2), &cpacr);
    uint32_t enable = cpacr >> 20 & 3;
    return !(enable & 1) || (enable == 1 && is_user(vcpu));
}

/* HVC is undefined too, where there is no EL2. */
static bool undefined(model_vcpu *vcpu)
{
    uint32_t instruction = fetch(vcpu, vcpu->pc);
    if (INSTRUCTION_CALL(instruction) == INSTRUCTION_HVC && !is_user(vcpu)) {
        register_set_pc(vcpu, vcpu->pc + INSTRUCTION);
        exit_with(vcpu, SYNDROME(CLASS_HVC, INSTRUCTION_NUMBER(instruction)));
        return true;
    }
    bool vector = is_vector(instruction) && vectors_are_off(vcpu);
    exception_take(vcpu, vector ? SYNDROME(CLASS_FP, NO_CONDITION) : SYNDROME(CLASS_UNKNOWN, 0), vcpu->pc);
    return false;
}

static bool breakpoint(model_vcpu *vcpu)
{
    uint64_t syndrome = SYNDROME(CLASS_BRK, INSTRUCTION_NUMBER(fetch(vcpu, vcpu->pc)));
    if (!vcpu->trap_debug) {
        exception_take(vcpu, syndrome, vcpu->pc);
        return false;
    }
    register_set_pc(vcpu, vcpu->pc);
    exit_with(vcpu, syndrome);
    return true;
}

static bool after_exception(model_vcpu *vcpu)
{
    switch (vcpu->exception) {
    case UNDEFINED:
        return undefined(vcpu);
    case SUPERVISOR_CALL:
        exception_take(vcpu, SYNDROME(CLASS_SVC, INSTRUCTION_NUMBER(fetch(vcpu, vcpu->pc))), vcpu->pc + INSTRUCTION);
        return false;
    case FETCH_ABORT:
        vcpu->pc = register_pc(vcpu);
        exception_take_abort(vcpu, true);
        return false;
    case DATA_ABORT:
        exception_take_abort(vcpu, false);
        return false;
    case BREAKPOINT:
        return breakpoint(vcpu);
    case SECURE_CALL:
        register_set_pc(vcpu, vcpu->pc);
        exit_with(vcpu, SYNDROME(CLASS_SMC, INSTRUCTION_NUMBER(fetch(vcpu, vcpu->pc))));
        return true;
    default:
        fprintf(stderr, "exception %u at 0x%llx\n", vcpu->exception, (unsigned long long)vcpu->pc);
        model_broken("hv_vcpu_run", "libunicorn gave an exception that the stand-in does not know");
    }
}

static access_kind kind_of(uc_mem_type type)
{
    switch (type) {
    case UC_MEM_FETCH_UNMAPPED:
    case UC_MEM_FETCH_PROT:
        return ACCESS_FETCH;
    case UC_MEM_WRITE_UNMAPPED:
    case UC_MEM_WRITE_PROT:
        return ACCESS_WRITE;
    default:
        return ACCESS_READ;
    }
}

/* libunicorn asks for the memory at the virtual address, before the guest's translation: that one may lack too. */
static bool after_memory(model_vcpu *vcpu)
{
    access_kind kind = kind_of(vcpu->memory_type);
    uint32_t fault;
    if (kind == ACCESS_FETCH)
        vcpu->pc = register_pc(vcpu);
    register_set_pc(vcpu, vcpu->pc);
    debug_undo(vcpu);
    if (!translate(vcpu, vcpu->virtual_address, kind, &vcpu->physical_address, &fault)) {
        exception_take_abort(vcpu, kind == ACCESS_FETCH);
        return false;
    }
    if (vcpu->physical_address != vcpu->virtual_address && memory_at(vcpu->physical_address, 1))
        model_broken("hv_vcpu_run", "libunicorn finds memory at its own physical address only");
    if (kind != ACCESS_FETCH && gic_memory_access(vcpu))
        return false;
    exit_with_abort(vcpu);
    return true;
}

/* Of the GIC, where there is one; otherwise it is an exit. */
static bool after_system_register(model_vcpu *vcpu)
{
    uint32_t instruction = fetch(vcpu, vcpu->pc), rt = instruction & 31;
    bool write = !(instruction >> 21 & 1);
    uint64_t value = write ? register_x(vcpu, rt) : 0;
    if (gic_register_access(vcpu, SYSREG_OF(instruction), write, &value)) {
        if (!write)
            register_set_x(vcpu, rt, value);
        register_set_pc(vcpu, vcpu->pc + INSTRUCTION);
        return false;
    }
    register_set_pc(vcpu, vcpu->pc);
    debug_undo(vcpu);
    exit_with_system_register(vcpu);
    return true;
}

bool outcome(model_vcpu *vcpu)
{
    switch (vcpu->event) {
    case EVENT_BETWEEN:
        register_set_pc(vcpu, vcpu->pc);
        return false;
    case EVENT_MEMORY:
        return after_memory(vcpu);
    case EVENT_EXCEPTION:
        return after_exception(vcpu);
    case EVENT_SYSREG:
        return after_system_register(vcpu);
    case EVENT_STEP:
    case EVENT_BREAKPOINT:
    case EVENT_WATCHPOINT:
        register_set_pc(vcpu, vcpu->pc);
        return debug_event(vcpu);
    default:
        return after_wait(vcpu);
    }
}
