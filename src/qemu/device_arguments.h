/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The devices of a configuration as arguments for QEMU. Virtio devices are on PCI, which both machine types have. */
#ifndef ABX_SRC_QEMU_DEVICE_ARGUMENTS_H
#define ABX_SRC_QEMU_DEVICE_ARGUMENTS_H

#include "arguments.h"
#include "parts.h"

/* The name of the balloon in QEMU; what disks' names begin with, before the numbers of their parts. */
#define ABX_QEMU_BALLOON "balloon"
#define ABX_QEMU_DISK    "disk"

/* The most virtio devices: what is left of the 32 places of the root bus; and of consoles and other ports, which
 * share one place. */
enum { ABX_QEMU_VIRTIO_MAX = 24, ABX_QEMU_CONSOLES_MAX = 30 };

/*
 * Adds the devices, a serial port in any case. `fds` as abx_command_line_options.part_fds: an image goes in as set N of
 * descriptors for part N, so that no path meets QEMU's parsers, and what it cannot open is an error of ours.
 */
void abx_device_arguments_add(abx_arguments *arguments, const abx_parts *parts, const int *fds);

#endif
