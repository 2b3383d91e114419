/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* System registers whose accesses the framework leaves to us, and the VMM need not know of. */
#ifndef ABX_DARWIN_HVF_TRAP_H
#define ABX_DARWIN_HVF_TRAP_H

#include "hvf_backend.h"

/* Whether the access is dealt with: reads are then in `*value`, writes, from there, are done. Otherwise `*value` is
 * untouched. */
bool abx_hvf_trap(abx_hvf_vcpu *vcpu, const abx_sysreg_access *access, uint64_t *value);

/* trap_table.c. Pure: whether register `number` reads as `*value` and ignores writes. */
bool abx_trap_constant(uint32_t number, uint64_t *value);

#endif
