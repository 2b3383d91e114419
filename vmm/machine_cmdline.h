/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel's command line: that of the configuration, and what the machine has to add. */
#ifndef ABX_VMM_MACHINE_CMDLINE_H
#define ABX_VMM_MACHINE_CMDLINE_H

#include <arcbox/machine.h>

/*
 * An x86_64 Linux kernel without ACPI learns of virtio devices from its command line only: one
 * "virtio_mmio.device=SIZE@ADDRESS:LINE" each (Linux: drivers/virtio/virtio_mmio.c), before what is the
 * configuration's, where no "--" hides them. `*out` gets the whole, which the caller frees, or NULL where there is
 * nothing to add. Errors: ABX_ERR_NO_MEMORY.
 */
abx_status abx_machine_build_cmdline(char **out, const abx_machine_config *config, abx_arch arch, bool acpi,
                                     abx_image_kind kind);

#endif
