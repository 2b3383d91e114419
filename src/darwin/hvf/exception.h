/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exceptions that the guest gets from here: the framework has no call for them (SError: only since macOS 27), so EL1's
 * registers are set as the hardware would (DDI 0487, D1.3 and AArch64.TakeException).
 */
#ifndef ABX_DARWIN_HVF_EXCEPTION_H
#define ABX_DARWIN_HVF_EXCEPTION_H

#include <arcbox/error.h>

#include <stdbool.h>
#include <stdint.h>

typedef enum abx_exception_kind {
    ABX_EXCEPTION_DATA,   /* external abort of a load or store, synchronous */
    ABX_EXCEPTION_FETCH,  /* external abort of an instruction fetch, synchronous */
    ABX_EXCEPTION_BRK,    /* breakpoint instruction */
    ABX_EXCEPTION_SERROR, /* external abort, asynchronous */
} abx_exception_kind;

typedef struct abx_exception {
    abx_exception_kind kind;
    bool write;        /* DATA */
    uint64_t address;  /* DATA, FETCH: virtual */
    uint32_t syndrome; /* BRK, SERROR: ISS */
} abx_exception;

/* What decides where it goes. */
typedef struct abx_exception_context {
    uint64_t pc;
    uint64_t pstate;
    uint64_t vbar;  /* VBAR_EL1 */
    uint64_t sctlr; /* SCTLR_EL1 */
} abx_exception_context;

/* The registers afterwards. */
typedef struct abx_exception_entry {
    uint64_t pc;
    uint64_t pstate;
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
    bool sets_far;
} abx_exception_entry;

/* exception_entry.c. Pure. The guest is at EL0 or EL1, in AArch64. */
abx_exception_entry abx_exception_enter(const abx_exception *exception, const abx_exception_context *context);

/* Whether an SError can be taken: by PSTATE. */
bool abx_exception_takes_serror(uint64_t pstate);

/* Whether exceptions go to EL1: not for a guest that is at EL2, or in AArch32. */
bool abx_exception_is_for_el1(uint64_t pstate);

struct abx_hvf_vcpu;

/* The guest goes on in its handler. Errors: ABX_ERR_NOT_SUPPORTED (a guest at EL2), as abx_hv_check(). */
abx_status abx_hvf_throw(struct abx_hvf_vcpu *vcpu, const abx_exception *exception);

/* Gives the guest the pending SError if it takes one now. Errors: as above. */
abx_status abx_hvf_try_serror(struct abx_hvf_vcpu *vcpu);

#endif
