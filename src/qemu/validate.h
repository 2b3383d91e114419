/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a configuration has that QEMU, or this backend, does not. */
#ifndef ABX_SRC_QEMU_VALIDATE_H
#define ABX_SRC_QEMU_VALIDATE_H

#include <arcbox/backend.h>

/* As abx_backend.validate. */
void abx_qemu_validate(const void *hypervisor, const abx_vm_config *config, abx_config_report *report);

#endif
