/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The framework's GICv3 (macOS 15), at the addresses of <arcbox/arm64.h>. */
#ifndef ABX_DARWIN_HVF_GIC_H
#define ABX_DARWIN_HVF_GIC_H

#include "hvf_backend.h"

/* Whether there is one, and it fits: hypervisor->gic, lines and messages. */
void abx_hvf_gic_probe(abx_hvf_hypervisor *hypervisor);

/* Before vCPUs are created. Errors: as abx_hv_check(). */
abx_status abx_hvf_gic_create(const abx_hvf_vm *vm);

#endif
