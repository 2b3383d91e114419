/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The version line in a vmlinux. */
#ifndef ABX_BOOT_LINUX_VERSION_H
#define ABX_BOOT_LINUX_VERSION_H

#include "source.h"

enum { ABX_LINUX_VERSION = 128 };

/* Puts the version ("6.1.0 (builder@host) …") into `version`, cut to fit, or "" when none is found: reads no more than
 * the beginning of .rodata, where init/version.c puts it. */
void abx_linux_version(const abx_source *image, char version[ABX_LINUX_VERSION]);

/* The same by reading all of the image until it is found: for images that do not tell where their .rodata is. */
void abx_linux_version_search(const abx_source *image, char version[ABX_LINUX_VERSION]);

/* Whether Linux's banner is anywhere in the image. Reads all of it: for kernels too old to have notes of their own. */
bool abx_linux_banner(const abx_source *image);

#endif
