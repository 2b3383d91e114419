/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rosetta for Linux guests: whether the host has it, and how to get it. */
#ifndef ABX_SRC_DARWIN_VZ_ROSETTA_H
#define ABX_SRC_DARWIN_VZ_ROSETTA_H

#include <arcbox/rosetta.h>

abx_status abx_vz_rosetta_availability(void *hypervisor, abx_rosetta_availability *availability);
abx_status abx_vz_rosetta_install(void *hypervisor);

#endif
