/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What 'abx run' was asked for. */
#ifndef ABX_CLI_RUN_OPTIONS_H
#define ABX_CLI_RUN_OPTIONS_H

#include "options.h"

#include <arcbox/machine.h>

enum { RUN_MAX_MODULES = 32, RUN_MAX_FILES = 32, RUN_MAX_DEVICES = 8 };

typedef struct run_request {
    const char *backend;
    abx_hypervisor_options hypervisor;
    abx_machine_config machine;
    const char *modules[RUN_MAX_MODULES];
    abx_fw_cfg_file files[RUN_MAX_FILES]; /* names point into file_names */
    size_t file_count;
    char file_names[RUN_MAX_FILES][56];
    bool wanted[RUN_MAX_DEVICES]; /* by abx_device_kind */
    uint16_t debug_exit_port;
    const char *events; /* file, "-", or NULL */
    int timeout_ms;     /* -1: none */
    bool quiet;
    abx_device_config devices[RUN_MAX_DEVICES];
} run_request;

/* The options of 'abx run', for its table. */
extern const cli_option run_options[];

/* A request with nothing asked for yet. */
void run_request_init(run_request *request);

/* Completes `machine` from the rest, with the serial port on these descriptors. `request` must not move afterwards. */
void run_request_finish(run_request *request, int input_fd, int output_fd);

#endif
