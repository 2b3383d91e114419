/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "syndrome.h"

#include "instruction.h"
#include "translate.h"

/* Fault status codes, at level 2. */
enum { TRANSLATION_FAULT = 0x06, PERMISSION_FAULT = 0x0e };

void exit_with(model_vcpu *vcpu, uint64_t syndrome)
{
    vcpu->exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION, .exception.syndrome = syndrome };
}

static uint32_t fault_of(const model_vcpu *vcpu)
{
    switch (vcpu->memory_type) {
    case UC_MEM_READ_PROT:
    case UC_MEM_WRITE_PROT:
    case UC_MEM_FETCH_PROT:
        return PERMISSION_FAULT;
    default:
        return TRANSLATION_FAULT;
    }
}

static uint32_t description(const instruction_access *access)
{
    if (!access->described)
        return 0;
    uint32_t size_bits = (uint32_t)__builtin_ctz(access->size);
    return 1u << 24 | size_bits << 22 | (uint32_t)access->sign_extends << 21 | access->reg << 16 |
           (uint32_t)access->wide << 15 | (uint32_t)access->ordered << 14;
}

static void data_abort(model_vcpu *vcpu)
{
    instruction_access access;
    uint64_t address = vcpu->virtual_address;
    uint32_t iss = fault_of(vcpu);
    if (instruction_decode(vcpu, fetch(vcpu, vcpu->pc), &access)) {
        iss |= description(&access) | (access.write ? SYNDROME_WRITE : 0);
        address = access.address;
    }
    exit_with(vcpu, SYNDROME(CLASS_DATA_ABORT, iss));
    vcpu->exit.exception.virtual_address = address;
    vcpu->exit.exception.physical_address = vcpu->physical_address;
}

static void instruction_abort(model_vcpu *vcpu)
{
    exit_with(vcpu, SYNDROME(CLASS_INSTRUCTION_ABORT, fault_of(vcpu)));
    vcpu->exit.exception.virtual_address = vcpu->pc;
    vcpu->exit.exception.physical_address = vcpu->physical_address;
}

void exit_with_abort(model_vcpu *vcpu)
{
    switch (vcpu->memory_type) {
    case UC_MEM_FETCH_UNMAPPED:
    case UC_MEM_FETCH_PROT:
        instruction_abort(vcpu);
        break;
    default:
        data_abort(vcpu);
        break;
    }
}

void exit_with_system_register(model_vcpu *vcpu)
{
    uint32_t instruction = fetch(vcpu, vcpu->pc);
    uint32_t op0 = 2 + (instruction >> 19 & 1), op1 = instruction >> 16 & 7, crn = instruction >> 12 & 15,
             crm = instruction >> 8 & 15, op2 = instruction >> 5 & 7, rt = instruction & 31;
    exit_with(vcpu, SYNDROME(CLASS_SYSREG, op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 |
                                               (instruction >> 21 & 1)));
}
