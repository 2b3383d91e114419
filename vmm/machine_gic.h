/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An ARM64 machine's own interrupt controller, where the backend's kernel has none. */
#ifndef ABX_VMM_MACHINE_GIC_H
#define ABX_VMM_MACHINE_GIC_H

#include "machine_internal.h"

/* Makes it and puts its registers on the bus. Errors: those of abx_gicv3_new() and abx_gicv3_attach(). */
abx_status abx_machine_build_gic(abx_machine *machine);

/* As abx_vcpu_run(), with the vCPU's inputs as the controller has them. */
abx_status abx_machine_run_with_gic(abx_machine_cpu *cpu, abx_exit *exit);

/* The virtual timer fired. */
void abx_machine_take_timer(abx_machine_cpu *cpu);

/* Waits until an interrupt reaches the vCPU, its virtual timer fires, or the VM is stopped. Errors: those of
 * abx_arm64_get_timer(). */
abx_status abx_machine_await_interrupt(abx_machine_cpu *cpu);

/* The vCPU was reset, and with it its interface and its inputs. */
void abx_machine_reset_interface(abx_machine_cpu *cpu);

#endif
