/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sysreg_table.h"

#define REG(op0, op1, crn, crm, op2) (uint16_t) ABX_ARM64_SYSREG_NUMBER(op0, op1, crn, crm, op2)

enum { MOST_DEBUG_REGISTERS = 16 };

static const uint16_t identity[] = {
    REG(3, 0, 0, 0, 0), /* MIDR_EL1 */
    REG(3, 0, 0, 0, 5), /* MPIDR_EL1 */
    REG(3, 0, 0, 4, 0), /* ID_AA64PFR0_EL1 */
    REG(3, 0, 0, 4, 1), /* ID_AA64PFR1_EL1 */
    REG(3, 0, 0, 5, 0), /* ID_AA64DFR0_EL1 */
    REG(3, 0, 0, 5, 1), /* ID_AA64DFR1_EL1 */
    REG(3, 0, 0, 6, 0), /* ID_AA64ISAR0_EL1 */
    REG(3, 0, 0, 6, 1), /* ID_AA64ISAR1_EL1 */
    REG(3, 0, 0, 7, 0), /* ID_AA64MMFR0_EL1 */
    REG(3, 0, 0, 7, 1), /* ID_AA64MMFR1_EL1 */
    REG(3, 0, 0, 7, 2), /* ID_AA64MMFR2_EL1 */
};

static const uint16_t common[] = {
    REG(3, 0, 1, 0, 1),  /* ACTLR_EL1, macOS 15 */
    REG(3, 0, 1, 0, 2),  /* CPACR_EL1 */
    REG(3, 0, 2, 0, 0),  /* TTBR0_EL1 */
    REG(3, 0, 2, 0, 1),  /* TTBR1_EL1 */
    REG(3, 0, 2, 0, 2),  /* TCR_EL1 */
    REG(3, 0, 2, 1, 0),  /* APIAKEYLO_EL1 */
    REG(3, 0, 2, 1, 1),  /* APIAKEYHI_EL1 */
    REG(3, 0, 2, 1, 2),  /* APIBKEYLO_EL1 */
    REG(3, 0, 2, 1, 3),  /* APIBKEYHI_EL1 */
    REG(3, 0, 2, 2, 0),  /* APDAKEYLO_EL1 */
    REG(3, 0, 2, 2, 1),  /* APDAKEYHI_EL1 */
    REG(3, 0, 2, 2, 2),  /* APDBKEYLO_EL1 */
    REG(3, 0, 2, 2, 3),  /* APDBKEYHI_EL1 */
    REG(3, 0, 2, 3, 0),  /* APGAKEYLO_EL1 */
    REG(3, 0, 2, 3, 1),  /* APGAKEYHI_EL1 */
    REG(3, 0, 4, 0, 0),  /* SPSR_EL1 */
    REG(3, 0, 4, 0, 1),  /* ELR_EL1 */
    REG(3, 0, 4, 1, 0),  /* SP_EL0 */
    REG(3, 4, 4, 1, 0),  /* SP_EL1 */
    REG(3, 0, 5, 1, 0),  /* AFSR0_EL1 */
    REG(3, 0, 5, 1, 1),  /* AFSR1_EL1 */
    REG(3, 0, 5, 2, 0),  /* ESR_EL1 */
    REG(3, 0, 6, 0, 0),  /* FAR_EL1 */
    REG(3, 0, 7, 4, 0),  /* PAR_EL1 */
    REG(3, 0, 10, 2, 0), /* MAIR_EL1 */
    REG(3, 0, 10, 3, 0), /* AMAIR_EL1 */
    REG(3, 0, 12, 0, 0), /* VBAR_EL1 */
    REG(3, 0, 13, 0, 1), /* CONTEXTIDR_EL1 */
    REG(3, 0, 13, 0, 4), /* TPIDR_EL1 */
    REG(3, 0, 14, 1, 0), /* CNTKCTL_EL1 */
    REG(3, 2, 0, 0, 0),  /* CSSELR_EL1 */
    REG(3, 3, 13, 0, 2), /* TPIDR_EL0 */
    REG(3, 3, 13, 0, 3), /* TPIDRRO_EL0 */
    REG(3, 3, 14, 3, 2), /* CNTV_CVAL_EL0 */
    REG(3, 3, 14, 3, 1), /* CNTV_CTL_EL0 */
    REG(2, 0, 0, 2, 0),  /* MDCCINT_EL1 */
    REG(2, 0, 0, 2, 2),  /* MDSCR_EL1 */
    REG(3, 0, 1, 0, 0),  /* SCTLR_EL1, after what it switches on */
};

/* ICC_…_EL1: system registers first, as the others need it. Then the timer that a GIC takes. */
static const uint16_t of_gic[] = {
    REG(3, 0, 12, 12, 5), /* SRE */
    REG(3, 0, 4, 6, 0),   /* PMR */
    REG(3, 0, 12, 8, 3),  /* BPR0 */
    REG(3, 0, 12, 12, 3), /* BPR1 */
    REG(3, 0, 12, 8, 4),  /* AP0R0 */
    REG(3, 0, 12, 9, 0),  /* AP1R0 */
    REG(3, 0, 12, 12, 4), /* CTLR */
    REG(3, 0, 12, 12, 6), /* IGRPEN0 */
    REG(3, 0, 12, 12, 7), /* IGRPEN1 */
};
static const uint16_t with_gic[] = {
    REG(3, 3, 14, 2, 2), /* CNTP_CVAL_EL0 */
    REG(3, 3, 14, 2, 1), /* CNTP_CTL_EL0 */
};

/* MDCR_EL2 is the framework's own. */
static const uint16_t with_el2[] = {
    REG(3, 4, 0, 0, 0),  /* VPIDR_EL2 */
    REG(3, 4, 0, 0, 5),  /* VMPIDR_EL2 */
    REG(3, 4, 1, 1, 2),  /* CPTR_EL2 */
    REG(3, 4, 2, 0, 0),  /* TTBR0_EL2 */
    REG(3, 4, 2, 0, 1),  /* TTBR1_EL2 */
    REG(3, 4, 2, 0, 2),  /* TCR_EL2 */
    REG(3, 4, 2, 1, 0),  /* VTTBR_EL2 */
    REG(3, 4, 2, 1, 2),  /* VTCR_EL2 */
    REG(3, 4, 4, 0, 0),  /* SPSR_EL2 */
    REG(3, 4, 4, 0, 1),  /* ELR_EL2 */
    REG(3, 6, 4, 1, 0),  /* SP_EL2 */
    REG(3, 4, 5, 2, 0),  /* ESR_EL2 */
    REG(3, 4, 6, 0, 0),  /* FAR_EL2 */
    REG(3, 4, 6, 0, 4),  /* HPFAR_EL2 */
    REG(3, 4, 10, 2, 0), /* MAIR_EL2 */
    REG(3, 4, 12, 0, 0), /* VBAR_EL2 */
    REG(3, 4, 13, 0, 2), /* TPIDR_EL2 */
    REG(3, 4, 14, 0, 3), /* CNTVOFF_EL2 */
    REG(3, 4, 14, 1, 0), /* CNTHCTL_EL2 */
    REG(3, 4, 14, 2, 2), /* CNTHP_CVAL_EL2 */
    REG(3, 4, 14, 2, 1), /* CNTHP_CTL_EL2 */
    REG(3, 4, 1, 0, 0),  /* SCTLR_EL2 */
    REG(3, 4, 1, 1, 0),  /* HCR_EL2 */
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
_Static_assert(COUNT(identity) + COUNT(common) + COUNT(of_gic) + COUNT(with_gic) + COUNT(with_el2) +
                       4 * MOST_DEBUG_REGISTERS <=
                   ABX_SYSREGS,
               "a set holds all of them");

static void add(abx_sysreg_set *set, const uint16_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set->numbers[set->count++] = list[i];
}

/* DBG<B|W><V|C>R<n>_EL1: values before what enables them. `op2` is that of the value. */
static void add_debug(abx_sysreg_set *set, uint32_t op2, uint32_t count)
{
    for (uint32_t n = 0; n < count && n < MOST_DEBUG_REGISTERS; n++) {
        set->numbers[set->count++] = REG(2, 0, 0, n, op2);
        set->numbers[set->count++] = REG(2, 0, 0, n, op2 + 1);
    }
}

void abx_sysreg_set_fill(abx_sysreg_set *set, const abx_sysreg_features *features)
{
    set->count = 0;
    add(set, identity, COUNT(identity));
    add_debug(set, 4, features->breakpoints);
    add_debug(set, 6, features->watchpoints);
    add(set, common, COUNT(common));
    if (features->gic) {
        add(set, of_gic, COUNT(of_gic));
        add(set, with_gic, COUNT(with_gic));
    }
    if (features->el2)
        add(set, with_el2, COUNT(with_el2));
}

static bool is_in(uint32_t number, const uint16_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == number)
            return true;
    }
    return false;
}

bool abx_sysreg_is_identity(uint32_t number)
{
    return is_in(number, identity, COUNT(identity));
}

bool abx_sysreg_is_gic(uint32_t number)
{
    return is_in(number, of_gic, COUNT(of_gic));
}
