/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Power of an ARM64 machine's vCPUs: its own PSCI where the backend's kernel has none, and SYSTEM_SUSPEND of the
 * kernel's. */
#ifndef ABX_VMM_MACHINE_POWER_H
#define ABX_VMM_MACHINE_POWER_H

#include "machine_internal.h"

/* Makes it, and lets vCPUs that wait hear of the VM's end and of the host's sleep. Errors: those of abx_psci_new() and
 * abx_event_observe(). */
abx_status abx_machine_build_psci(abx_machine *machine);

/* Before the vCPUs are freed. Where there is none it does nothing. */
void abx_machine_free_psci(abx_machine *machine);

/* Before a vCPU's first run: those that are off wait until the guest switches them on. False: the machine ended. */
bool abx_machine_await_power(abx_machine_cpu *cpu);

/* Carries out a hypercall, if it is one of PSCI's. False: the vCPU must not run again. */
bool abx_machine_call_psci(abx_machine_cpu *cpu, const abx_exit_hypercall *call);

/* The guest called SYSTEM_SUSPEND of a kernel's PSCI: the vCPU sleeps there. False: the vCPU must not run again. */
bool abx_machine_suspend(abx_machine_cpu *cpu);

/* An interrupt came for the sleeping vCPU, which begins where the guest asked for. False: likewise. */
bool abx_machine_wake_up(abx_machine_cpu *cpu);

#endif
