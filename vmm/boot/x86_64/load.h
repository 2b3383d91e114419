/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Loading by the kinds of images that there are on x86_64. */
#ifndef ABX_BOOT_X86_64_LOAD_H
#define ABX_BOOT_X86_64_LOAD_H

#include "../load.h"

/* As abx_boot_arch's load. */
abx_status abx_load_x86_64(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;

/* One function per kind: checks that what it needs is there, puts everything but the image's own runs in place, fills
 * in `entry`, whose kind and address are set. Errors: as abx_boot_load(). */
abx_status abx_load_linux(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_pvh(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_multiboot(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_flat(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;

/* Puts the command line, at most `longest` bytes and the zero, at ABX_LAYOUT_CMDLINE. Errors: ABX_ERR_FORMAT (too
 * long). */
abx_status abx_load_cmdline(const abx_load *load, uint64_t longest) ABX_MUST_CHECK;

#endif
