/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exception.h"

/* PSTATE as in SPSR_EL1 (DDI 0487, C5.2.18). */
#define PSTATE_SP      UINT64_C(0x1)
#define PSTATE_LEVEL   UINT64_C(0xc)
#define PSTATE_EL1     UINT64_C(0x4)
#define PSTATE_EL1H    UINT64_C(0x5)
#define PSTATE_AARCH32 UINT64_C(0x10)
#define PSTATE_A       (UINT64_C(1) << 8)
#define PSTATE_DAIF    (UINT64_C(0xf) << 6)
#define PSTATE_SSBS    (UINT64_C(1) << 12)
#define PSTATE_PAN     (UINT64_C(1) << 22)
#define PSTATE_DIT     (UINT64_C(1) << 24)
#define PSTATE_FLAGS   (UINT64_C(0xf) << 28)

/* SCTLR_EL1. */
#define SCTLR_SPAN  (UINT64_C(1) << 23)
#define SCTLR_DSSBS (UINT64_C(1) << 44)

/* ESR_EL1. Classes of exceptions from the same level are one more than those from a lower one. */
enum { EC_FETCH_LOWER = 0x20, EC_DATA_LOWER = 0x24, EC_SERROR = 0x2f, EC_BRK64 = 0x3c };
enum { ESR_CLASS_SHIFT = 26, STATUS_EXTERNAL = 0x10 };
#define ESR_IL    (UINT64_C(1) << 25)
#define ESR_WRITE (UINT64_C(1) << 6)
#define ISS_MASK  UINT64_C(0x1ffffff)

/* Offsets in the table of vectors: by where it comes from, then by kind. */
enum { FROM_EL1_SP0 = 0x000, FROM_EL1 = 0x200, FROM_EL0 = 0x400, SYNCHRONOUS = 0x000, SERROR = 0x180 };

static bool is_from_el0(uint64_t pstate)
{
    return !(pstate & PSTATE_LEVEL);
}

static uint64_t vector(const abx_exception *exception, uint64_t pstate)
{
    uint64_t kind = exception->kind == ABX_EXCEPTION_SERROR ? SERROR : SYNCHRONOUS;
    if (is_from_el0(pstate))
        return FROM_EL0 + kind;
    return (pstate & PSTATE_SP ? FROM_EL1 : FROM_EL1_SP0) + kind;
}

/* Flags and modes that handlers inherit; PAN and SSBS by SCTLR_EL1. */
static uint64_t handler_pstate(uint64_t pstate, uint64_t sctlr)
{
    uint64_t entered = (pstate & (PSTATE_FLAGS | PSTATE_DIT | PSTATE_PAN)) | PSTATE_DAIF | PSTATE_EL1H;
    if (!(sctlr & SCTLR_SPAN))
        entered |= PSTATE_PAN;
    if (sctlr & SCTLR_DSSBS)
        entered |= PSTATE_SSBS;
    return entered;
}

static uint64_t syndrome(const abx_exception *exception, uint64_t pstate)
{
    uint64_t from_same = is_from_el0(pstate) ? 0 : 1;
    uint64_t class = EC_BRK64;
    uint64_t iss = exception->syndrome & ISS_MASK;
    switch (exception->kind) {
    case ABX_EXCEPTION_DATA:
        class = EC_DATA_LOWER + from_same;
        iss = STATUS_EXTERNAL | (exception->write ? ESR_WRITE : 0);
        break;
    case ABX_EXCEPTION_FETCH:
        class = EC_FETCH_LOWER + from_same;
        iss = STATUS_EXTERNAL;
        break;
    case ABX_EXCEPTION_SERROR:
        class = EC_SERROR;
        break;
    case ABX_EXCEPTION_BRK:
        break;
    }
    return class << ESR_CLASS_SHIFT | ESR_IL | iss;
}

abx_exception_entry abx_exception_enter(const abx_exception *exception, const abx_exception_context *context)
{
    return (abx_exception_entry){
        .pc = context->vbar + vector(exception, context->pstate),
        .pstate = handler_pstate(context->pstate, context->sctlr),
        .elr = context->pc,
        .spsr = context->pstate,
        .esr = syndrome(exception, context->pstate),
        .far = exception->address,
        .sets_far = exception->kind == ABX_EXCEPTION_DATA || exception->kind == ABX_EXCEPTION_FETCH,
    };
}

bool abx_exception_takes_serror(uint64_t pstate)
{
    return !(pstate & PSTATE_A);
}

bool abx_exception_is_for_el1(uint64_t pstate)
{
    return !(pstate & PSTATE_AARCH32) && (pstate & PSTATE_LEVEL) <= PSTATE_EL1;
}
