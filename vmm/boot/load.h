/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Loading on its way, as the kinds of images see it. */
#ifndef ABX_BOOT_LOAD_H
#define ABX_BOOT_LOAD_H

#include "kernel.h"
#include "place.h"

typedef struct abx_load {
    abx_vm *vm;
    const abx_kernel *kernel;
    const abx_boot_params *params;
    const char *cmdline; /* never NULL */
    abx_ram ram;
    abx_guest_map map;
    abx_gpa lowest;     /* where boot looks for room, at the lowest */
    abx_range reserved; /* a place that was found and is to be kept free of what comes later */
} abx_load;

/* The highest place for `length` bytes that ends at or below `limit`, clear of the kernel and what is reserved. */
bool abx_load_place(const abx_load *load, uint64_t length, abx_gpa limit, abx_gpa *gpa);

/* Reads the initrd to such a place; `*length` is 0 when there is none. Errors: ABX_ERR_RANGE (no room), those of a
 * file. */
abx_status abx_load_initrd(const abx_load *load, abx_gpa limit, abx_gpa *gpa, uint64_t *length) ABX_MUST_CHECK;

/* Refuses parameters that a kind has no use for. Errors: ABX_ERR_NOT_SUPPORTED. */
abx_status abx_load_refuse(bool given, const char *what) ABX_MUST_CHECK;

/* Records and returns that there is no RAM in [gpa, end), where the kernel needs it: ABX_ERR_RANGE. */
abx_status abx_load_too_small(const abx_load *load, abx_gpa gpa, abx_gpa end) ABX_MUST_CHECK;

#endif
