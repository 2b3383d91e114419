/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of a vCPU, as libunicorn has them or as the stand-in keeps them itself. By whoever has the turn. */
#ifndef ABX_TESTS_STANDIN_REGISTERS_H
#define ABX_TESTS_STANDIN_REGISTERS_H

#include "model.h"

#define SYSREG(op0, op1, crn, crm, op2) ((hv_sys_reg_t)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2)))
/* Of an MRS or MSR instruction (C6.2): op0 is 2 or 3. */
#define SYSREG_OF(instruction) ((hv_sys_reg_t)(0x8000u | ((instruction) >> 5 & 0x7fffu)))
#define SYSREG_MDCCINT_EL1     SYSREG(2, 0, 0, 2, 0)
#define SYSREG_MDSCR_EL1       SYSREG(2, 0, 0, 2, 2)
#define SYSREG_MPIDR_EL1       SYSREG(3, 0, 0, 0, 5)
#define SYSREG_MMFR0_EL1       SYSREG(3, 0, 0, 7, 0)
#define SYSREG_SCTLR_EL1       SYSREG(3, 0, 1, 0, 0)
#define SYSREG_TTBR0_EL1       SYSREG(3, 0, 2, 0, 0)
#define SYSREG_TTBR1_EL1       SYSREG(3, 0, 2, 0, 1)
#define SYSREG_TCR_EL1         SYSREG(3, 0, 2, 0, 2)
#define SYSREG_SPSR_EL1        SYSREG(3, 0, 4, 0, 0)
#define SYSREG_ELR_EL1         SYSREG(3, 0, 4, 0, 1)
#define SYSREG_SP_EL0          SYSREG(3, 0, 4, 1, 0)
#define SYSREG_ESR_EL1         SYSREG(3, 0, 5, 2, 0)
#define SYSREG_FAR_EL1         SYSREG(3, 0, 6, 0, 0)
#define SYSREG_VBAR_EL1        SYSREG(3, 0, 12, 0, 0)
#define SYSREG_CNTPCT_EL0      SYSREG(3, 3, 14, 0, 1)
#define SYSREG_CNTVCT_EL0      SYSREG(3, 3, 14, 0, 2)
#define SYSREG_CNTFRQ_EL0      SYSREG(3, 3, 14, 0, 0)
#define SYSREG_CNTV_TVAL_EL0   SYSREG(3, 3, 14, 3, 0)
#define SYSREG_CNTV_CTL_EL0    SYSREG(3, 3, 14, 3, 1)
#define SYSREG_CNTV_CVAL_EL0   SYSREG(3, 3, 14, 3, 2)
#define SYSREG_SP_EL1          SYSREG(3, 4, 4, 1, 0)

/* PSTATE as in SPSR_EL1. */
#define PSTATE_SP  (UINT64_C(1) << 0)
#define PSTATE_FIQ (UINT64_C(1) << 6)
#define PSTATE_IRQ (UINT64_C(1) << 7)
#define PSTATE_SS  (UINT64_C(1) << 21)
#define PSTATE_PAN (UINT64_C(1) << 22)

uint64_t register_x(const model_vcpu *vcpu, uint32_t number); /* 31: zero */
void register_set_x(model_vcpu *vcpu, uint32_t number, uint64_t value);
uint64_t register_sp(const model_vcpu *vcpu); /* the one in use */
uint64_t register_pc(const model_vcpu *vcpu);
void register_set_pc(model_vcpu *vcpu, uint64_t value);
uint64_t register_pstate(const model_vcpu *vcpu);
/* Another stack pointer may be in use then. */
void register_set_pstate(model_vcpu *vcpu, uint64_t value);

/* False: there is no such register. */
bool register_read_system(const model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value);
bool register_write_system(model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value);

/* Those that the stand-in keeps itself, and not libunicorn: where. NULL: none of them. */
uint64_t *register_kept(model_vcpu *vcpu, hv_sys_reg_t reg);

#endif
