/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rosetta, Apple's translator for x86_64 programs in ARM64 Linux guests. A guest gets it by ABX_DEVICE_ROSETTA. */
#ifndef ARCBOX_ROSETTA_H
#define ARCBOX_ROSETTA_H

#include <arcbox/hypervisor.h>

ABX_BEGIN_DECLS

typedef enum abx_rosetta_availability {
    ABX_ROSETTA_NOT_SUPPORTED = 0, /* this host does not offer it */
    ABX_ROSETTA_NOT_INSTALLED,     /* abx_rosetta_install() would fetch it */
    ABX_ROSETTA_INSTALLED,
} abx_rosetta_availability;

/*
 * Whether guests of `hypervisor` can have Rosetta now. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (the
 * backend knows nothing of it: no ABX_CAP_ROSETTA).
 */
ABX_API abx_status abx_rosetta_get_availability(abx_hypervisor *hypervisor,
                                                abx_rosetta_availability *availability) ABX_MUST_CHECK;

/*
 * Lets the host fetch and install it, which asks the person in front of it, needs the network and takes minutes; at
 * once when it is installed. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_PERMISSION (the person
 * said no), ABX_ERR_SYSTEM (network, disk).
 */
ABX_API abx_status abx_rosetta_install(abx_hypervisor *hypervisor) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
