/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The registers that ACPI's tables name: sleep status, sleep control (ACPI 6.5, 4.8.3.7) and reset (4.8.3.6). One byte
 * each.
 *
 * Soft off is sleep type 0, and sleep control lies at 0x605: so the word 0x2000 at port 0x604, with which many small
 * kernels switch QEMU's machines off without reading a table, does the same here.
 */
#ifndef ABX_VMM_DEVICES_ACPI_PM_H
#define ABX_VMM_DEVICES_ACPI_PM_H

#include "device.h"

enum {
    ABX_ACPI_SLEEP_STATUS = 0x604,
    ABX_ACPI_SLEEP_CONTROL = 0x605,
    ABX_ACPI_RESET = 0x606,
    ABX_ACPI_SLEEP_TYPE_OFF = 0,
    ABX_ACPI_RESET_VALUE = 1,
};

/* Makes them and puts them on the bus. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_acpi_pm_new(abx_device *out, const abx_device_host *host);

#endif
