/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Power State Coordination Interface 1.1 (Arm DEN 0022) for machines whose backend's kernel does not have it: guests
 * switch vCPUs on and off, and the machine off, by HVC or SMC (SMC Calling Convention, DEN 0028). Any thread may call
 * anything.
 */
#ifndef ABX_VMM_PSCI_H
#define ABX_VMM_PSCI_H

#include <arcbox/error.h>
#include <arcbox/exit.h>

typedef struct abx_psci abx_psci;

/* What the calling vCPU does after its call. */
typedef enum abx_psci_action {
    ABX_PSCI_GO_ON,    /* with the result that is set, to a function that there is not as well */
    ABX_PSCI_SUSPEND,  /* likewise, after it has waited as WFI does */
    ABX_PSCI_OFF,      /* it is off, until abx_psci_is_called() */
    ABX_PSCI_LAST_OFF, /* as was the last one before: nobody can switch any of them on again */
    ABX_PSCI_SHUTDOWN, /* of the machine */
    ABX_PSCI_RESET,
} abx_psci_action;

/* Where a vCPU that was switched on begins. */
typedef struct abx_psci_start {
    uint64_t entry;
    uint64_t context; /* for X0 */
} abx_psci_start;

/* vCPU `cpu`, which is off, has been switched on: whoever waits for that is to look. */
typedef void (*abx_psci_wake)(void *machine, uint32_t cpu);

/* vCPU 0 is on, the others are off. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_psci_new(abx_psci **out, uint32_t cpus, abx_psci_wake wake, void *machine) ABX_MUST_CHECK;

/* NULL is allowed. */
void abx_psci_free(abx_psci *psci);

/* Carries out a call of vCPU `cpu`. */
abx_psci_action abx_psci_call(abx_psci *psci, uint32_t cpu, const abx_exit_hypercall *call);

/* Whether vCPU `cpu`, which is off, has been switched on. Takes no lock. */
bool abx_psci_is_called(const abx_psci *psci, uint32_t cpu);

/* Makes it one that is on. */
abx_psci_start abx_psci_answer(abx_psci *psci, uint32_t cpu);

#endif
