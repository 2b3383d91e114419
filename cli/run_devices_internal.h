/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the options of devices share. */
#ifndef ABX_CLI_RUN_DEVICES_INTERNAL_H
#define ABX_CLI_RUN_DEVICES_INTERNAL_H

#include "run_devices.h"
#include "suboptions.h"

/* Takes the value of option `name` apart and keeps its text. False: said why. */
bool run_split(run_devices *devices, const char *name, const char *value, cli_suboptions *parts);

/* Says that a part is not known; false. */
bool run_refuse(const char *name, const cli_suboption *part);

/* Whether a part is KEY=VALUE with this key. */
bool run_has_value(const cli_suboption *part, const char *key);

/* run_ports.c: the device that the ports are of; closes what was opened for them. */
abx_device_config run_ports_device(run_devices *devices);
void run_ports_close(run_devices *devices);

#endif
