/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A managed backend without a guest. It is called "qemu", so that "auto" falls back on it. */
#ifndef TESTS_FAKE_MANAGED_H
#define TESTS_FAKE_MANAGED_H

#include "fake_log.h"

extern const abx_backend fake_managed;
extern const abx_hypervisor_options fake_managed_options;

/* What the guest does while the backend starts it; NULL: nothing. */
extern void (*fake_managed_at_start)(abx_vm *vm);

/* The same when it is asked to stop. */
extern void (*fake_managed_at_request)(abx_vm *vm);

/* Who every machine is, the balloon's target, the CPU time that its process has taken, and what connections to the
 * guest give. */
extern const char fake_managed_id[4];
extern uint64_t fake_managed_balloon;
extern uint64_t fake_managed_cpu_time;
extern int fake_managed_socket;

/* Resets the log and builds a VM, without and with devices; must succeed. End it with abx_vm_destroy(). */
abx_vm *fake_managed_vm(void);
abx_vm *fake_managed_vm_with(const abx_device_config *devices, size_t count);

#endif
