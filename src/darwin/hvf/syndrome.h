/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What ESR_EL2 says of an exit (DDI 0487, D19.2.37). Pure: no calls of the framework. */
#ifndef ABX_DARWIN_HVF_SYNDROME_H
#define ABX_DARWIN_HVF_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

typedef enum abx_cause {
    ABX_CAUSE_UNKNOWN = 0,
    ABX_CAUSE_WAIT_INTERRUPT, /* WFI */
    ABX_CAUSE_WAIT_EVENT,     /* WFE, WFET, WFIT */
    ABX_CAUSE_HVC,
    ABX_CAUSE_SMC,
    ABX_CAUSE_SYSREG,      /* `sysreg` */
    ABX_CAUSE_ACCESS,      /* a load or store that `access` describes */
    ABX_CAUSE_UNDESCRIBED, /* a data abort that the hardware does not describe */
    ABX_CAUSE_CACHE,       /* a data abort of a cache maintenance instruction */
    ABX_CAUSE_FETCH,       /* an instruction abort */
    ABX_CAUSE_DEBUG,       /* step, breakpoint or watchpoint */
    ABX_CAUSE_BRK,
} abx_cause;

/* A load or store of one general purpose register. */
typedef struct abx_access {
    uint8_t size;  /* 1, 2, 4 or 8 bytes */
    uint8_t reg;   /* 0 to 30; 31: XZR */
    bool extended; /* a load extends the sign */
    bool wide;     /* a load fills all 64 bits of the register; otherwise the upper half is zeroed */
} abx_access;

typedef struct abx_sysreg_access {
    uint32_t number; /* ABX_ARM64_SYSREG_NUMBER() */
    uint8_t reg;     /* 0 to 30; 31: XZR */
    bool read;       /* MRS */
} abx_sysreg_access;

typedef struct abx_syndrome {
    abx_cause cause;
    uint8_t class;   /* EC */
    bool write;      /* data aborts, CACHE and UNDESCRIBED too */
    bool walk;       /* aborts: of a table of the guest's stage 1, which the hardware may have wanted to write */
    bool no_address; /* aborts: the virtual address is not valid (FnV) */
    abx_access access;
    abx_sysreg_access sysreg;
} abx_syndrome;

/* EC. */
#define ABX_ESR_CLASS(esr) ((uint8_t)((esr) >> 26 & 0x3f))
#define ABX_ESR_ISS(esr)   ((uint32_t)((esr)&0x1ffffff))

abx_syndrome abx_syndrome_decode(uint64_t esr);

/* What a load puts into its register, of the bytes in `value`. */
uint64_t abx_access_extend(const abx_access *access, uint64_t value);

/* What a store of `value` writes: the bytes above the access's size are zero. */
uint64_t abx_access_cut(const abx_access *access, uint64_t value);

#endif
