/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which backend "auto" takes: the first with hardware virtualization that runs the guest, else QEMU. */
#ifndef ABX_SRC_CHOICE_H
#define ABX_SRC_CHOICE_H

#include <arcbox/backend.h>

/* The backends in the order in which they are asked: the caller's own, then the built-in ones. */
size_t abx_choice_total(const abx_hypervisor_options *options);
const abx_backend *abx_choice_at(const abx_hypervisor_options *options, size_t index);

/* The one that is taken when nothing has hardware behind it. */
bool abx_choice_is_fallback(const abx_backend *backend);

/* Whether guests of `arch` run at all, and whether they run on hardware. */
bool abx_choice_runs(const abx_capabilities *caps, abx_arch arch);
bool abx_choice_prefers(const abx_capabilities *caps, abx_arch arch);

#endif
