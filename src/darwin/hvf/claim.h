/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The one VM that Hypervisor.framework gives a process. Its functions name no VM, so that who has it must be known
 * here: the only state of this library that belongs to the process.
 */
#ifndef ABX_DARWIN_HVF_CLAIM_H
#define ABX_DARWIN_HVF_CLAIM_H

#include "hv_api.h"

#include <arcbox/error.h>

/* Creates the process's VM. Errors: ABX_ERR_LIMIT (there is one), as abx_hv_check(). */
abx_status abx_hvf_claim(hv_vm_config_t config);

/* Ends it. It stays claimed if the framework does not let it go. */
void abx_hvf_unclaim(void);

/* Whether the process may have a VM: by making one, unless there is one. Errors: as abx_hv_check(). */
abx_status abx_hvf_try_claim(void);

#endif
