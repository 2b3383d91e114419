/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A VM's interrupt controllers in the kernel: a GICv3 with ITS where the host has it, else a GICv2, at the addresses of
 * <arcbox/arm64.h> (Documentation/virt/kvm/devices/arm-vgic-v3.rst, arm-vgic-its.rst, arm-vgic.rst).
 */
#ifndef ABX_SRC_LINUX_ARM64_GIC_H
#define ABX_SRC_LINUX_ARM64_GIC_H

#include "linux/kvm_backend.h"

/* INTIDs (GIC architecture, IHI 0069, 2.2.1): 16 for SGIs, 16 for PPIs, then SPIs. */
enum { ABX_GIC_FIRST_PPI = 16, ABX_GIC_FIRST_SPI = 32, ABX_GIC_SPIS = 256 };

/* Before vCPUs are created: vm->arch.gic and its. Errors: as abx_kvm_check(). */
abx_status abx_gic_create(abx_kvm_vm *vm);

/* After all vCPUs are created: from now on there are lines and messages. Errors: as above. */
abx_status abx_gic_init(const abx_kvm_vm *vm);

void abx_gic_close(abx_kvm_vm *vm);

#endif
