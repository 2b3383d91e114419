/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ACPI's Generic Event Device (ACPI 6.5, 5.6.9), with one event: the power button was pressed. It has no registers: an
 * edge of its line is the event, and what it means is in the tables (acpi/ged.asl).
 */
#ifndef ABX_VMM_DEVICES_GED_H
#define ABX_VMM_DEVICES_GED_H

#include "device.h"

/* The pin of the IOAPIC, ISA's for a mouse: machines have none. */
enum { ABX_GED_LINE = 12 };

/* Makes it. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_ged_new(abx_device *out, const abx_device_host *host);

/* Presses the power button. A guest that has not opened the line yet does not hear of it. Any thread. */
void abx_ged_press(const abx_device *device);

#endif
