/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whole VMs on backends that do nothing, for what needs a VM and not only its space. abx_vm_destroy() ends them. */
#ifndef ABX_TESTS_FAKE_VM_H
#define ABX_TESTS_FAKE_VM_H

#include <arcbox/vm.h>

/* A VM without memory; its backend has dirty log, discard, read-only memory, and `hotplug` or not. */
abx_vm *fake_vm_manual(bool hotplug);

/* A VM that the backend manages. */
abx_vm *fake_vm_managed(void);

#endif
