/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "load.h"

#include "layout.h"

#include <string.h>

abx_status abx_load_cmdline(const abx_load *load, uint64_t longest)
{
    size_t length = strlen(load->cmdline);
    uint64_t room = ABX_LAYOUT_CMDLINE_END - ABX_LAYOUT_CMDLINE - 1;
    uint64_t limit = longest < room ? longest : room;
    if (length > limit) {
        return abx_fail(ABX_ERR_FORMAT, 0, "Shorten it.", "boot: a command line of %zu bytes; this kernel takes %llu",
                        length, (unsigned long long)limit);
    }
    return abx_memory_write(load->vm, ABX_LAYOUT_CMDLINE, load->cmdline, length + 1);
}

/* A flat image goes wherever there is RAM; to others the PC's own ranges are none, and neither is what boot needs. */
static abx_status check_run(const abx_load *load, const abx_run *run)
{
    bool flat = load->kernel->info.kind == ABX_IMAGE_FLAT;
    if (flat ? !abx_ram_holds(&load->ram, run->gpa, run->memory_length)
             : !abx_guest_map_holds(&load->map, run->gpa, run->memory_length)) {
        return abx_load_too_small(load, run->gpa, run->gpa + run->memory_length);
    }
    if (!flat && run->gpa < ABX_LAYOUT_CMDLINE_END) {
        return abx_fail(ABX_ERR_RANGE, 0, "Link it to run above 128 KiB.",
                        "load %s: it wants to be at 0x%llx, where boot information is put", load->kernel->path,
                        (unsigned long long)run->gpa);
    }
    return ABX_OK;
}

static abx_status check(const abx_load *load)
{
    const abx_runs *runs = &load->kernel->runs;
    if (load->kernel->info.kind != ABX_IMAGE_FLAT && !abx_guest_map_holds(&load->map, 0, ABX_LAYOUT_CMDLINE_END)) {
        return abx_load_too_small(load, 0, ABX_LAYOUT_CMDLINE_END);
    }
    for (size_t i = 0; i < runs->count; i++) {
        abx_status status = check_run(load, &runs->items[i]);
        if (status != ABX_OK) {
            return status;
        }
    }
    return abx_load_refuse(load->params->device_tree != NULL, "device tree");
}

abx_status abx_load_x86_64(abx_load *load, abx_boot_entry *entry)
{
    abx_status status = check(load);
    if (status != ABX_OK) {
        return status;
    }
    switch (load->kernel->info.kind) {
    case ABX_IMAGE_LINUX:
        return abx_load_linux(load, entry);
    case ABX_IMAGE_PVH:
        return abx_load_pvh(load, entry);
    case ABX_IMAGE_MULTIBOOT:
        return abx_load_multiboot(load, entry);
    default:
        return abx_load_flat(load, entry);
    }
}
