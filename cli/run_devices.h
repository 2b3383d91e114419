/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The virtio devices that 'abx run' was asked for. */
#ifndef ABX_CLI_RUN_DEVICES_H
#define ABX_CLI_RUN_DEVICES_H

#include <arcbox/device.h>

enum { RUN_MAX_ADDED = 64 };

/* A directory to share, before those of the same tag are put together. */
typedef struct run_share {
    const char *tag;
    abx_fs_share share;
} run_share;

/* A port of the virtio console, before its files are open. */
typedef struct run_port {
    const char *name;
    const char *in, *out; /* files, or NULL */
    int fd;               /* -1: none */
} run_port;

typedef struct run_devices {
    size_t count, share_count, text_count, port_count, file_count;
    run_port ports[ABX_CONSOLE_MORE_PORTS];
    abx_console_port open_ports[ABX_CONSOLE_MORE_PORTS];
    int files[2 * ABX_CONSOLE_MORE_PORTS]; /* that were opened for them */
    abx_device_config list[RUN_MAX_ADDED];
    run_share shares[RUN_MAX_ADDED];
    abx_fs_share grouped[RUN_MAX_ADDED];
    char *texts[2 * RUN_MAX_ADDED]; /* what the others point into */
} run_devices;

/* Each takes an option's value into `devices`; false: said what is wrong with it. */
bool run_take_disk(run_devices *devices, const char *value);
bool run_take_net(run_devices *devices, const char *value);
bool run_take_share(run_devices *devices, const char *value);
bool run_take_rosetta(run_devices *devices, const char *value);
bool run_take_port(run_devices *devices, const char *value);
bool run_take_balloon(run_devices *devices, const char *value); /* NULL: none was given */

/* Adds a device without members for option `name`, once. */
bool run_take_plain(run_devices *devices, const char *name, abx_device_kind kind);

/* Opens the files of ports. False: said why. */
bool run_devices_open(run_devices *devices);

/* Appends the devices to a list with room for RUN_MAX_ADDED; returns how many. `devices` must not move afterwards. */
size_t run_devices_finish(run_devices *devices, abx_device_config *list);
void run_devices_free(run_devices *devices);

#endif
