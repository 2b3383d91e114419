/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "syndrome.h"

#include <arcbox/arm64.h>

/* Exception classes (DDI 0487, table of ESR_ELx.EC). LOWER: from a lower exception level. */
enum {
    EC_WFX = 0x01,
    EC_HVC64 = 0x16,
    EC_SMC64 = 0x17,
    EC_SYSREG = 0x18,
    EC_FETCH_LOWER = 0x20,
    EC_DATA_LOWER = 0x24,
    EC_BREAKPOINT_LOWER = 0x30,
    EC_STEP_LOWER = 0x32,
    EC_WATCHPOINT_LOWER = 0x34,
    EC_BRK64 = 0x3c,
};

static uint32_t field(uint64_t esr, unsigned int low, unsigned int width)
{
    return (uint32_t)(esr >> low) & ((1u << width) - 1);
}

/* ISS of data aborts: ISV 24, SAS 23:22, SSE 21, SRT 20:16, SF 15, FnV 10, CM 8, S1PTW 7, WnR 6. */
static void decode_data_abort(abx_syndrome *syndrome, uint64_t esr)
{
    syndrome->write = field(esr, 6, 1);
    syndrome->walk = field(esr, 7, 1);
    syndrome->no_address = field(esr, 10, 1);
    if (!field(esr, 24, 1)) {
        syndrome->cause = field(esr, 8, 1) ? ABX_CAUSE_CACHE : ABX_CAUSE_UNDESCRIBED;
        return;
    }
    syndrome->cause = ABX_CAUSE_ACCESS;
    syndrome->access = (abx_access){
        .size = (uint8_t)(1u << field(esr, 22, 2)),
        .extended = field(esr, 21, 1),
        .reg = (uint8_t)field(esr, 16, 5),
        .wide = field(esr, 15, 1),
    };
}

static void decode_fetch(abx_syndrome *syndrome, uint64_t esr)
{
    syndrome->cause = ABX_CAUSE_FETCH;
    syndrome->walk = field(esr, 7, 1);
    syndrome->no_address = field(esr, 10, 1);
}

/* ISS of trapped MSR, MRS and system instructions: Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, read 0.
 */
static void decode_sysreg(abx_syndrome *syndrome, uint64_t esr)
{
    syndrome->cause = ABX_CAUSE_SYSREG;
    syndrome->sysreg = (abx_sysreg_access){
        .number = ABX_ARM64_SYSREG_NUMBER(field(esr, 20, 2), field(esr, 14, 3), field(esr, 10, 4), field(esr, 1, 4),
                                          field(esr, 17, 3)),
        .reg = (uint8_t)field(esr, 5, 5),
        .read = field(esr, 0, 1),
    };
}

abx_syndrome abx_syndrome_decode(uint64_t esr)
{
    abx_syndrome syndrome = { .class = ABX_ESR_CLASS(esr) };
    switch (syndrome.class) {
    case EC_WFX: /* TI 1:0: WFI, WFE, and both with a timeout, which may end early */
        syndrome.cause = field(esr, 0, 2) ? ABX_CAUSE_WAIT_EVENT : ABX_CAUSE_WAIT_INTERRUPT;
        break;
    case EC_HVC64:
        syndrome.cause = ABX_CAUSE_HVC;
        break;
    case EC_SMC64:
        syndrome.cause = ABX_CAUSE_SMC;
        break;
    case EC_SYSREG:
        decode_sysreg(&syndrome, esr);
        break;
    case EC_FETCH_LOWER:
        decode_fetch(&syndrome, esr);
        break;
    case EC_DATA_LOWER:
        decode_data_abort(&syndrome, esr);
        break;
    case EC_BREAKPOINT_LOWER:
    case EC_STEP_LOWER:
    case EC_WATCHPOINT_LOWER:
        syndrome.cause = ABX_CAUSE_DEBUG;
        break;
    case EC_BRK64:
        syndrome.cause = ABX_CAUSE_BRK;
        break;
    default:
        break;
    }
    return syndrome;
}

uint64_t abx_access_cut(const abx_access *access, uint64_t value)
{
    return access->size < sizeof(value) ? value & ((UINT64_C(1) << access->size * 8) - 1) : value;
}

uint64_t abx_access_extend(const abx_access *access, uint64_t value)
{
    uint64_t extended = abx_access_cut(access, value);
    if (access->extended) {
        uint64_t sign = UINT64_C(1) << (access->size * 8 - 1);
        extended = (extended ^ sign) - sign;
    }
    return access->wide ? extended : (uint32_t)extended;
}
