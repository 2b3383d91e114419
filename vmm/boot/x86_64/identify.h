/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Telling what an unpacked image is, and where its parts go. */
#ifndef ABX_BOOT_X86_64_IDENTIFY_H
#define ABX_BOOT_X86_64_IDENTIFY_H

#include "../arch.h"

/* As abx_boot_arch's identify. ABX_ERR_NOT_SUPPORTED: Multiboot 2, a video mode, an ELF of no other kind. */
abx_status abx_identify_x86_64(abx_kernel *kernel, const abx_source *image, const abx_identify *known) ABX_MUST_CHECK;

#endif
