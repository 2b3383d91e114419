/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "load.h"

#include "device_tree.h"
#include "fdt/status.h"

#include <arcbox/arm64.h>

#include <libfdt.h>
#include <stdlib.h>

/* Documentation/arch/arm64/booting.rst, sections 2 and 4. */
static const abx_gpa device_tree_end = ABX_ARM64_RAM + (512ull << 20); /* kernels before 4.2 look no further */
static const abx_gpa initrd_end = ABX_ARM64_RAM + (32ull << 30);       /* a window from a multiple of 1 GiB on */

static abx_status check(const abx_load *load)
{
    const abx_runs *runs = &load->kernel->runs;
    for (size_t i = 0; i < runs->count; i++) {
        const abx_run *run = &runs->items[i];
        if (!abx_guest_map_holds(&load->map, run->gpa, run->memory_length)) {
            return abx_load_too_small(load, run->gpa, run->gpa + run->memory_length);
        }
    }
    return abx_load_refuse(load->params->acpi_rsdp != 0, "ACPI tables");
}

static abx_status refuse_what_a_tree_tells(const abx_load *load)
{
    abx_status status = abx_load_refuse(load->cmdline[0] != '\0', "command line without a device tree");
    return status == ABX_OK ? abx_load_refuse(load->params->initrd != NULL, "initrd without a device tree") : status;
}

static abx_status put_device_tree(const abx_load *load, size_t room, const abx_chosen *chosen)
{
    const abx_boot_params *params = load->params;
    void *tree = malloc(room);
    if (!tree) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "complete the device tree");
    }
    abx_status status =
        abx_device_tree_complete(tree, room, params->device_tree, params->device_tree_size, &load->map, chosen);
    if (status == ABX_OK) {
        status = abx_memory_write(load->vm, load->reserved.low, tree, fdt_totalsize(tree));
    }
    free(tree);
    return status;
}

/* The tree tells where the initrd is: its own place is found first. */
static abx_status load_with_device_tree(abx_load *load, abx_boot_entry *entry)
{
    size_t room = load->params->device_tree_size;
    if (room <= ABX_FDT_MAX) {
        room = abx_device_tree_room(room, &load->map, load->cmdline);
    }
    if (room > ABX_FDT_MAX) {
        return abx_fail(ABX_ERR_LIMIT, 0, "A device tree has at most 2 MiB.", "boot: a device tree of %zu bytes", room);
    }
    abx_gpa place = 0;
    if (!abx_load_place(load, room, device_tree_end, &place)) {
        return abx_fail(ABX_ERR_RANGE, 0, "Give the guest more memory.",
                        "put the device tree into the first 512 MiB of RAM");
    }
    load->reserved = (abx_range){ place, place + room };
    entry->info = place;
    abx_chosen chosen = { .cmdline = load->cmdline };
    abx_status status = abx_load_initrd(load, initrd_end, &chosen.initrd, &chosen.initrd_length);
    return status == ABX_OK ? put_device_tree(load, room, &chosen) : status;
}

abx_status abx_load_arm64(abx_load *load, abx_boot_entry *entry)
{
    const abx_image_kind kind = load->kernel->info.kind;
    bool has_tree = load->params->device_tree != NULL;
    abx_status status = check(load);
    if (status == ABX_OK) {
        status = abx_load_refuse(load->params->module_count > 0, "modules");
    }
    if (status == ABX_OK) {
        status = abx_load_refuse(kind == ABX_IMAGE_FLAT && has_tree, "device tree");
    }
    if (status != ABX_OK) {
        return status;
    }
    if (has_tree) {
        return load_with_device_tree(load, entry);
    }
    if (kind == ABX_IMAGE_LINUX) {
        return abx_fail(ABX_ERR_INVALID, 0, "Give one in abx_boot_params.device_tree.",
                        "boot: a Linux for arm64 without a device tree");
    }
    return refuse_what_a_tree_tells(load);
}
