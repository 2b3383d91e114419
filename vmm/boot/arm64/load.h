/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Loading on ARM64: every kind but a flat image may have a device tree. */
#ifndef ABX_BOOT_ARM64_LOAD_H
#define ABX_BOOT_ARM64_LOAD_H

#include "../load.h"

/* As abx_boot_arch's load. */
abx_status abx_load_arm64(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;

#endif
