/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A managed backend without a guest. It is called "qemu", so that "auto" falls back on it. */
#ifndef TESTS_FAKE_MANAGED_H
#define TESTS_FAKE_MANAGED_H

#include "fake_log.h"

extern const abx_backend fake_managed;
extern const abx_hypervisor_options fake_managed_options;

/* What the guest does while the backend starts it; NULL: nothing. */
extern void (*fake_managed_at_start)(abx_vm *vm);

/* Resets the log and builds a VM; must succeed. End it with abx_vm_destroy(). */
abx_vm *fake_managed_vm(void);

#endif
