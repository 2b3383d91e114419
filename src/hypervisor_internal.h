/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the core's own files know of an open hypervisor. */
#ifndef ABX_SRC_HYPERVISOR_INTERNAL_H
#define ABX_SRC_HYPERVISOR_INTERNAL_H

#include <arcbox/backend.h>

/*
 * Opens `backend` and none other, for options->guest_arch or whatever it can. `options` are complete: see
 * abx_options_settle(). Errors: ABX_ERR_INVALID (a wrong table), ABX_ERR_NO_MEMORY, and the backend's.
 */
abx_status abx_hypervisor_new(abx_hypervisor **out, const abx_backend *backend, const abx_hypervisor_options *options);

/* A copy of `options` (NULL: all defaults) with the guest's architecture filled in. Errors: ABX_ERR_INVALID. */
abx_status abx_options_settle(abx_hypervisor_options *settled, const abx_hypervisor_options *options);

const abx_backend *abx_hypervisor_table(const abx_hypervisor *hypervisor);
void *abx_hypervisor_object(const abx_hypervisor *hypervisor);

/* One more user; abx_hypervisor_close() takes one away. */
void abx_hypervisor_hold(abx_hypervisor *hypervisor);

/* Takes out of `caps` what `backend` has no functions for, and puts in what follows from the table alone. */
void abx_capabilities_settle(abx_capabilities *caps, const abx_backend *backend);

#endif
