/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What can be told of a kernel's file for those who let others load it. */
#ifndef ABX_BOOT_KERNEL_CHECK_H
#define ABX_BOOT_KERNEL_CHECK_H

#include <arcbox/base.h>
#include <arcbox/error.h>

/*
 * Refuses a kernel that is for another architecture than `arch`, or damaged in a wrapper that is known: its parts must
 * lie within the file. Nothing is unpacked. All else is left to the loader: files that cannot be read, and kinds that
 * are not known here. Errors: ABX_ERR_FORMAT.
 */
abx_status abx_kernel_check(const char *path, abx_arch arch) ABX_MUST_CHECK;

#endif
