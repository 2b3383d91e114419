/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The framework's GICv3, played by the machine's own (vmm/gicv3): distributor, redistributors, the vCPUs' interfaces,
 * virtual timers as PPIs. Without MSIs, and where arm64.h has it. Where no GIC was created nothing here does anything.
 */
#ifndef ABX_TESTS_STANDIN_GIC_H
#define ABX_TESTS_STANDIN_GIC_H

#include "model.h"

bool gic_exists(void);
void gic_destroy(void);

/* Whether the inputs of a vCPU are high: the GIC's, or those that its owner has set. */
void gic_inputs(const model_vcpu *vcpu, bool *irq, bool *fiq);

/* Shows the GIC the output of the vCPU's timer. */
void gic_take_timer(const model_vcpu *vcpu);

/* Carries out an access of the guest; false: it is none of the GIC's. */
bool gic_memory_access(model_vcpu *vcpu);
bool gic_register_access(const model_vcpu *vcpu, hv_sys_reg_t reg, bool write, uint64_t *value);

/* WFI: waits until an input is high, the timer fires or hv_vcpus_exit(). Gives the turn away meanwhile. */
void gic_wait(model_vcpu *vcpu);

#endif
