/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ACPI tables of a machine (ACPI 6.5): RSDP, XSDT, FADT, MADT and DSDT, one after the other. The hardware is reduced
 * (3.11.1): no PIC, no PIT, no PM timer, no SCI, so that a guest neither looks nor waits for them.
 */
#ifndef ABX_VMM_ACPI_TABLES_H
#define ABX_VMM_ACPI_TABLES_H

#include "machine_virtio.h"

#include <arcbox/error.h>

/* Where the tables lie in guest memory, RSDP first: in the area that PC guests search for it (5.2.5.1). */
enum { ABX_ACPI_BASE = 0xe0000 };

/* What the tables tell of: nothing that is not there. */
typedef struct abx_acpi_platform {
    uint32_t cpus; /* their local APIC ids count from 0 */
    bool serial;
    bool rtc;
    bool fw_cfg;
    bool pvpanic;
    bool power_button;
    const abx_virtio_place *virtio; /* of each virtio device */
    uint32_t virtio_count;          /* at most 100 */
    bool virtio_edges;              /* their interrupts are edges, not levels */
} abx_acpi_platform;

/*
 * Builds the tables for address `base`, a multiple of 16. `buffer` has room for `capacity` and may be NULL when that is
 * 0; `*length` gets the bytes needed. Errors: ABX_ERR_LIMIT (buffer too small; *length is set).
 */
abx_status abx_acpi_build(const abx_acpi_platform *platform, abx_gpa base, void *buffer, size_t capacity,
                          size_t *length);

#endif
