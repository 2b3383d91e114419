/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What 'abx run' was asked for. */
#ifndef ABX_CLI_RUN_OPTIONS_H
#define ABX_CLI_RUN_OPTIONS_H

#include "machine_id.h"
#include "options.h"
#include "run_devices.h"

#include <arcbox/machine.h>

enum {
    RUN_MAX_MODULES = 32,
    RUN_MAX_FILES = 32,
    RUN_PLATFORM_KINDS = ABX_DEVICE_POWER_BUTTON + 1,
    RUN_CONSOLE = 0, /* the console's place in the list of devices, where there is one */
    RUN_MAX_DEVICES = RUN_PLATFORM_KINDS + RUN_MAX_ADDED
};

/* What a plain run does not use is at the end: pages that nobody touches. */
typedef struct run_request {
    const char *backend;
    abx_hypervisor_options hypervisor;
    abx_machine_config machine;
    const char *events;  /* file, "-", or NULL */
    int timeout_ms;      /* -1: none */
    int stop_timeout_ms; /* how long a guest that is asked to end may take; 0: it is not asked */
    bool quiet;
    bool shared;                     /* it has a name, by which others find it */
    bool wanted[RUN_PLATFORM_KINDS]; /* by abx_device_kind */
    bool devices_listed;             /* by --devices: none is added by default */
    uint16_t debug_exit_port;
    bool virtio_console; /* takes the serial port's place on the terminal */
    cli_machine_id machine_id;
    size_t file_count;
    run_devices added;
    abx_device_config devices[RUN_MAX_DEVICES];
    const char *modules[RUN_MAX_MODULES];
    abx_fw_cfg_file files[RUN_MAX_FILES]; /* names point into file_names */
    char file_names[RUN_MAX_FILES][56];
} run_request;

/* The options of 'abx run', for its table. */
extern const cli_option run_options[];

/* Makes of zeroes a request with nothing asked for yet. It must not move; run_request_end() frees what it has. */
void run_request_begin(run_request *request);

/* Completes `machine` from the rest, with the console between these descriptors. `request` must not move afterwards. */
void run_request_finish(run_request *request, const abx_hypervisor *hypervisor, const abx_serial_config *ends);
void run_request_end(run_request *request);

/* run_platform.c: options for the platform's devices, and the devices themselves, at the front of request->devices;
 * returns how many. */
bool run_take_devices(void *into, const char *value);
bool run_take_debug_exit(void *into, const char *value);
bool run_take_debug_exit_port(void *into, const char *value);
bool run_take_fw_cfg(void *into, const char *value);
bool run_has_console(const run_request *request);
size_t run_add_platform(run_request *request, const abx_serial_config *ends);

#endif
