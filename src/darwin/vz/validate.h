/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a configuration has that Virtualization.framework, or this version of macOS, cannot do. */
#ifndef ABX_SRC_DARWIN_VZ_VALIDATE_H
#define ABX_SRC_DARWIN_VZ_VALIDATE_H

#include <arcbox/backend.h>

void abx_vz_validate(const void *hypervisor, const abx_vm_config *config, abx_config_report *report);

#endif
