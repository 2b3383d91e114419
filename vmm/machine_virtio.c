/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_virtio.h"

#include "machine_internal.h"

#include "virtio/balloon.h"
#include "virtio/block.h"
#include "virtio/console.h"
#include "virtio/mmio.h"
#include "virtio/rng.h"

#include <arcbox/arm64.h>
#include <arcbox/hypervisor.h>
#include <arcbox/vm.h>

bool abx_machine_has_virtio(abx_device_kind kind)
{
    return kind == ABX_DEVICE_BLOCK || kind == ABX_DEVICE_CONSOLE || kind == ABX_DEVICE_ENTROPY ||
           kind == ABX_DEVICE_BALLOON;
}

uint32_t abx_machine_count_virtio(const abx_machine_config *config)
{
    uint32_t count = 0;
    for (size_t i = 0; i < config->device_count; i++)
        count += abx_machine_has_virtio(config->devices[i].kind);
    return count;
}

/*
 * First the pins of the IOAPIC that ISA never had; then those of ISA whose devices no machine of ours has, but for the
 * power button's (devices/ged.h). With reduced hardware there is no SCI either.
 */
static uint32_t ioapic_pin(uint32_t index)
{
    static const uint8_t pins[ABX_MACHINE_VIRTIO_MAX] = { 16, 17, 18, 19, 20, 21, 22, 23, 5, 9, 10, 11 };
    return pins[index];
}

/*
 * Pins of the two PICs that no ISA device of a machine has: not those of timer, keyboard, cascade, serial port, clock
 * and coprocessor, and not 7, where spurious interrupts come in. All are edge-triggered: a guest without ACPI has no
 * reason to make them anything else. A virtio line rises after it has fallen by an acknowledgement, so that edges are
 * enough.
 */
static uint32_t pic_pin(uint32_t index)
{
    static const uint8_t pins[ABX_MACHINE_VIRTIO_MAX_PIC] = { 5, 9, 10, 11, 3, 6, 12, 14, 15 };
    return pins[index];
}

abx_virtio_place abx_machine_place_virtio(abx_arch arch, bool acpi, uint32_t index)
{
    abx_gpa offset = (abx_gpa)index * ABX_VIRTIO_MMIO_SIZE;
    if (arch == ABX_ARCH_ARM64)
        return (abx_virtio_place){ ABX_ARM64_VIRTIO + offset, ABX_ARM64_SPI_VIRTIO + index };
    return (abx_virtio_place){ ABX_X86_64_VIRTIO + offset, acpi ? ioapic_pin(index) : pic_pin(index) };
}

abx_status abx_machine_check_virtio(const abx_machine_config *config, abx_arch arch, bool acpi)
{
    uint32_t count = abx_machine_count_virtio(config);
    if (arch == ABX_ARCH_ARM64 || acpi || count <= ABX_MACHINE_VIRTIO_MAX_PIC)
        return ABX_OK;
    return abx_fail(ABX_ERR_CONFIG, 0,
                    "Give it ACPI, or fewer: without it the interrupt controllers have no more lines.",
                    "make %u virtio devices without ACPI", count);
}

/* Of one CPU each, until there are so many that the loop, which serves them all, gains nothing. */
static uint32_t queues_of(const abx_block_config *block, uint32_t cpus)
{
    enum { ENOUGH = 4 };
    if (block->queues)
        return block->queues;
    return cpus < ENOUGH ? cpus : ENOUGH;
}

bool abx_machine_has_irqfd(const abx_vm *vm, const abx_machine_config *config)
{
    return config->irqfd == ABX_YES && abx_vm_get_config(vm)->irqchip == ABX_IRQCHIP_KERNEL &&
           abx_hypervisor_has(abx_vm_get_hypervisor(vm), ABX_CAP_IRQFD);
}

abx_status abx_machine_build_virtio(abx_device *out, const abx_device_host *host, abx_virtio_place place,
                                    const abx_device_config *config)
{
    const abx_virtio_block_config block = {
        .path = config->block.path,
        .read_only = config->block.read_only,
        .direct = config->block.cache == ABX_CACHE_UNCACHED,
        .queues = queues_of(&config->block, abx_vm_get_config(host->vm)->cpus),
        .volatile_writes = config->block.sync == ABX_SYNC_NONE,
        .serial = config->block.serial,
    };
    switch (config->kind) {
    case ABX_DEVICE_BLOCK:
        return abx_virtio_block_new(out, host, place.base, place.line, &block);
    case ABX_DEVICE_CONSOLE:
        return abx_virtio_console_new(out, host, place.base, place.line, &config->console);
    case ABX_DEVICE_ENTROPY:
        return abx_virtio_rng_new(out, host, place.base, place.line);
    case ABX_DEVICE_BALLOON:
        return abx_virtio_balloon_new(out, host, place.base, place.line, &config->balloon);
    default:
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "make a virtio device of kind %d", (int)config->kind);
    }
}

abx_status abx_machine_resize_console(abx_machine *machine, size_t device, uint32_t port, uint16_t columns,
                                      uint16_t rows)
{
    if (machine && machine->managed)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "resize a console of a managed backend's");
    if (!machine || device >= machine->device_count ||
        !abx_virtio_console_resize(&machine->devices[device], port, columns, rows))
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "resize port %u of device %zu", port, device);
    return ABX_OK;
}
