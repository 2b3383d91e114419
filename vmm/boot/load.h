/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Loading on its way, as the kinds of images see it. */
#ifndef ABX_BOOT_LOAD_H
#define ABX_BOOT_LOAD_H

#include "e820.h"
#include "kernel.h"

typedef struct abx_load {
    abx_vm *vm;
    const abx_kernel *kernel;
    const abx_boot_params *params;
    const char *cmdline; /* never NULL */
    abx_ram ram;
    abx_e820 map;
} abx_load;

/* One function per kind: checks that what it needs is there, puts everything but the image's own runs in place, fills
 * in `entry`, whose kind and address are set. Errors: as abx_boot_load(). */
abx_status abx_load_linux(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_pvh(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_multiboot(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;
abx_status abx_load_flat(abx_load *load, abx_boot_entry *entry) ABX_MUST_CHECK;

/* Puts the command line, at most `longest` bytes and the zero, at ABX_LAYOUT_CMDLINE. Errors: ABX_ERR_FORMAT (too
 * long). */
abx_status abx_load_cmdline(const abx_load *load, uint64_t longest) ABX_MUST_CHECK;

/* Reads the initrd to the highest place that ends at or below `limit`; `*length` is 0 when there is none. Errors:
 * ABX_ERR_RANGE (no room), those of a file. */
abx_status abx_load_initrd(const abx_load *load, abx_gpa limit, abx_gpa *gpa, uint64_t *length) ABX_MUST_CHECK;

/* Refuses parameters that a kind has no use for. Errors: ABX_ERR_NOT_SUPPORTED. */
abx_status abx_load_refuse(bool given, const char *what) ABX_MUST_CHECK;

#endif
