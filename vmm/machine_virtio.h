/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where a machine's virtio devices are, and which of them there are. */
#ifndef ABX_VMM_MACHINE_VIRTIO_H
#define ABX_VMM_MACHINE_VIRTIO_H

#include "device.h"

enum {
    ABX_MACHINE_VIRTIO_MAX = 12,
    ABX_MACHINE_VIRTIO_MAX_PIC = 9, /* x86_64 without ACPI */
};

/* x86_64: in the hole below 4 GiB, which RAM of every size leaves out. ARM64: arm64.h. */
#define ABX_X86_64_VIRTIO UINT64_C(0xd0000000)

/* Registers and interrupt line of a device. */
typedef struct abx_virtio_place {
    abx_gpa base;
    uint32_t line; /* x86_64: a pin of the IOAPIC, without ACPI of the PICs; ARM64: an SPI */
} abx_virtio_place;

/* Whether `kind` is a virtio device that machines on manual backends have. */
bool abx_machine_has_virtio(abx_device_kind kind);

/* How many of them `config` lists. */
uint32_t abx_machine_count_virtio(const abx_machine_config *config);

/*
 * The place of the n-th of them, from 0 to ABX_MACHINE_VIRTIO_MAX - 1. Without `acpi` an x86_64 guest knows of no
 * IOAPIC: lines are those of the PICs then, and there are ABX_MACHINE_VIRTIO_MAX_PIC.
 */
abx_virtio_place abx_machine_place_virtio(abx_arch arch, bool acpi, uint32_t index);

/* Errors: ABX_ERR_CONFIG (more devices than lines). */
abx_status abx_machine_check_virtio(const abx_machine_config *config, abx_arch arch, bool acpi);

/*
 * Whether descriptors bring the interrupts of `config`'s virtio devices (irqfd): then they are edges. Otherwise lines
 * do, which are levels.
 */
bool abx_machine_has_irqfd(const abx_vm *vm, const abx_machine_config *config);

/* Makes the device that `config`, which has been checked, describes. Errors: those of its kind. */
abx_status abx_machine_build_virtio(abx_device *out, const abx_device_host *host, abx_virtio_place place,
                                    const abx_device_config *config);

#endif
