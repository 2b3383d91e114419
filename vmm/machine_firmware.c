/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_firmware.h"

#include "acpi/tables.h"
#include "devices/acpi_pm.h"
#include "machine_config.h"

#include <arcbox/memory.h>

#include <stdlib.h>

/* Where real mode code enters firmware: F000:FFF0. */
enum { RESET_VECTOR = 0xffff0 };

/*
 * Linux on reduced hardware does not use the reset register: it asks UEFI to reset, and without one jumps to the reset
 * vector. There is the reset register, for all who come this way.
 */
static abx_status write_reset_vector(abx_vm *vm)
{
    /* mov dx, ABX_ACPI_RESET; mov al, ABX_ACPI_RESET_VALUE; out dx, al; hlt; jmp to the hlt */
    static const uint8_t code[] = {
        0xba, ABX_ACPI_RESET & 0xff, ABX_ACPI_RESET >> 8, 0xb0, ABX_ACPI_RESET_VALUE, 0xee, 0xf4, 0xeb, 0xfd
    };
    return abx_memory_write(vm, RESET_VECTOR, code, sizeof(code));
}

static abx_status write_tables(abx_vm *vm, const abx_machine_config *config)
{
    abx_virtio_place virtio[ABX_MACHINE_VIRTIO_MAX];
    uint32_t virtio_count = abx_machine_count_virtio(config);
    for (uint32_t i = 0; i < virtio_count; i++)
        virtio[i] = abx_machine_place_virtio(ABX_ARCH_X86_64, true, i);
    const abx_acpi_platform platform = {
        .cpus = abx_vm_get_config(vm)->cpus,
        .serial = abx_machine_find_device(config, ABX_DEVICE_SERIAL) != NULL,
        .rtc = abx_machine_find_device(config, ABX_DEVICE_RTC) != NULL,
        .fw_cfg = abx_machine_find_device(config, ABX_DEVICE_FW_CFG) != NULL,
        .pvpanic = abx_machine_find_device(config, ABX_DEVICE_PVPANIC) != NULL,
        .power_button = abx_machine_find_device(config, ABX_DEVICE_POWER_BUTTON) != NULL,
        .virtio = virtio,
        .virtio_count = virtio_count,
        .virtio_edges = abx_machine_has_irqfd(vm, config),
    };
    const size_t capacity = RESET_VECTOR - ABX_ACPI_BASE;
    void *tables = malloc(capacity);
    if (!tables)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "build the ACPI tables");
    size_t length;
    abx_status status = abx_acpi_build(&platform, ABX_ACPI_BASE, tables, capacity, &length);
    if (status == ABX_OK)
        status = abx_memory_write(vm, ABX_ACPI_BASE, tables, length);
    free(tables);
    return status;
}

abx_status abx_machine_write_firmware(abx_vm *vm, const abx_machine_config *config)
{
    abx_status status = write_tables(vm, config);
    return status == ABX_OK ? write_reset_vector(vm) : status;
}
