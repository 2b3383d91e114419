/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Telling what an unpacked image is, and where its parts go. */
#ifndef ABX_BOOT_IDENTIFY_H
#define ABX_BOOT_IDENTIFY_H

#include "../kernel.h"

/* What is known beforehand. */
typedef struct abx_identify {
    abx_image_kind kind; /* as asked for; AUTO: by the contents */
    bool from_bzimage;   /* so it is Linux */
} abx_identify;

/*
 * Fills in the kernel's kind, entry and runs from `image`; what was there before is replaced. Errors: ABX_ERR_FORMAT,
 * ABX_ERR_NOT_SUPPORTED (Multiboot 2, a video mode), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_identify_image(abx_kernel *kernel, const abx_source *image, const abx_identify *known) ABX_MUST_CHECK;

#endif
