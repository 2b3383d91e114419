/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The backend's own object behind an open hypervisor, and what it does with VMs. */
#ifndef ABX_SRC_QEMU_HYPERVISOR_OBJECT_H
#define ABX_SRC_QEMU_HYPERVISOR_OBJECT_H

#include <arcbox/backend.h>

/* Constant once it is open. */
typedef struct abx_qemu {
    char *programs[ABX_ARCH_ARM64 + 1]; /* path by guest architecture; NULL: none */
    const char *accel;                  /* "tcg", "kvm" or "hvf"; static storage */
} abx_qemu;

abx_status abx_qemu_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm);
abx_status abx_qemu_vm_start(void *vm);
abx_status abx_qemu_vm_pause(void *vm);
abx_status abx_qemu_vm_resume(void *vm);
abx_status abx_qemu_vm_request_stop(void *vm);
abx_status abx_qemu_vm_stop(void *vm);
void abx_qemu_vm_destroy(void *vm);
abx_status abx_qemu_vm_get_cpu_time(void *vm, uint64_t *nanoseconds);
abx_status abx_qemu_balloon_set_target(void *vm, uint64_t bytes);
abx_status abx_qemu_balloon_get_target(void *vm, uint64_t *bytes);

#endif
