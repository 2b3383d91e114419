/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What an ARM64 machine's firmware would hand over: the device tree. */
#ifndef ABX_VMM_MACHINE_DEVICE_TREE_H
#define ABX_VMM_MACHINE_DEVICE_TREE_H

#include <arcbox/machine.h>

/*
 * Builds the tree of a machine of `config`, whose VM is made; `own_gic`: the interrupt controller is the machine's. On
 * success `*tree` is the caller's: free(). Errors: those of abx_fdt_build() and, with interrupt controllers in the
 * kernel, of abx_arm64_get_gic().
 */
abx_status abx_machine_build_device_tree(const abx_vm *vm, bool own_gic, const abx_machine_config *config, void **tree,
                                         size_t *size);

#endif
