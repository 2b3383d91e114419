/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a configuration consists of. The functions named after what they look at say what is wrong with it, as
 * validation would, or NULL.
 */
#ifndef MODEL_DEVICES_H
#define MODEL_DEVICES_H

#include "foundation.h"

typedef struct vz_configuration {
    struct objc_object base;
    id boot_loader, platform;
    uint64_t cpus, memory;
    id serial_ports, consoles, storage, networks, entropy, balloons, sockets, shares;
} vz_configuration;

const char *vz_boot_loader_problem(id boot_loader);
const char *vz_platform_problem(id platform);
id vz_platform_identifier(id platform); /* of class VZGenericMachineIdentifier, or nil */
const void *vz_identifier_bytes(id identifier);
enum { VZ_IDENTIFIER_SIZE = 16 };
const char *vz_storage_problem(id device);
const char *vz_network_problem(id device);
const char *vz_share_problem(id device);
const char *vz_share_tag(id device);
/* Of a serial port: whether it is attached, and to which descriptors; -1 where there is none. */
bool vz_serial_descriptors(id port, int *input, int *output);
bool vz_attachment_descriptors(id attachment, int *input, int *output);
const char *vz_console_problem(id device);
/* Of a console device: how many ports it has, and each as of a serial port. */
size_t vz_console_count(id device);
bool vz_console_descriptors(id device, size_t index, int *input, int *output);
const char *vz_configuration_problem(id configuration);

#endif
