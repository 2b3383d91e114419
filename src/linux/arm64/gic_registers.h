/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers that make up the state of a VM's interrupt controllers, in the order in which they are restored. */
#ifndef ABX_SRC_LINUX_ARM64_GIC_REGISTERS_H
#define ABX_SRC_LINUX_ARM64_GIC_REGISTERS_H

#include "linux/kvm_backend.h"

/* One of them as an attribute of a device (KVM_DEV_ARM_VGIC_GRP_*). */
typedef struct abx_gic_register {
    int device;
    uint32_t group;
    uint64_t attribute;
    uint32_t width; /* bytes: 4 or 8 */
    bool clears;    /* has no state: ones that are written to it take away what another register sets */
} abx_gic_register;

/* What is done with each register, in turn: 0 or a negative errno, which ends it. */
typedef int (*abx_gic_visitor)(void *payload, const abx_gic_register *at);

/*
 * Shows `visitor` the registers of the GIC; of the ITS but GITS_CTLR, which comes last of all and after its tables. How
 * many there are depends on the VM's version of the GIC, number of vCPUs and the host's number of priorities. Returns
 * what the visitor did, or a negative errno.
 */
int abx_gic_visit(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload);
int abx_its_visit(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload);
int abx_its_visit_control(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload);

#endif
