/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the core's own files know of a VM. */
#ifndef ABX_SRC_VM_INTERNAL_H
#define ABX_SRC_VM_INTERNAL_H

#include "memory_space.h"

/* The regions of `vm`; NULL for a managed VM. */
abx_memory_space *abx_vm_memory_space(const abx_vm *vm);

/* The backend's table and the backend's own object behind `vm`. */
const abx_backend *abx_vm_backend(const abx_vm *vm);
void *abx_vm_backend_object(const abx_vm *vm);

#endif
