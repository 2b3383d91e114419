/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "load.h"

#include "bytes.h"
#include "x86_64/layout.h"

#include <string.h>

abx_status abx_load_refuse(bool given, const char *what)
{
    return given ? abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "boot: this kind of kernel takes no %s", what) : ABX_OK;
}

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

static abx_status too_small(const abx_load *load, abx_gpa gpa, abx_gpa end)
{
    return abx_fail(ABX_ERR_RANGE, 0, "Give the guest more memory.",
                    "load %s: it needs RAM from 0x%llx to 0x%llx, where there is none or not enough",
                    load->kernel->path, (unsigned long long)gpa, (unsigned long long)end);
}

/* A flat image goes wherever there is RAM; to others the PC's own ranges are none, and neither is what boot needs. */
static abx_status check_run(const abx_load *load, const abx_run *run)
{
    bool flat = load->kernel->info.kind == ABX_IMAGE_FLAT;
    abx_gpa end = run->gpa + run->memory_length;
    if (flat ? !abx_ram_holds(&load->ram, run->gpa, run->memory_length)
             : !abx_e820_holds(&load->map, run->gpa, run->memory_length)) {
        return too_small(load, run->gpa, end);
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
    if (load->kernel->info.kind != ABX_IMAGE_FLAT && !abx_e820_holds(&load->map, 0, ABX_LAYOUT_CMDLINE_END)) {
        return too_small(load, 0, ABX_LAYOUT_CMDLINE_END);
    }
    for (size_t i = 0; i < runs->count; i++) {
        abx_status status = check_run(load, &runs->items[i]);
        if (status != ABX_OK) {
            return status;
        }
    }
    return ABX_OK;
}

/* Zeros first: giving pages back later would break up the huge pages that reading has populated. */
static abx_status put_runs(const abx_load *load)
{
    const abx_runs *runs = &load->kernel->runs;
    for (size_t i = 0; i < runs->count; i++) {
        const abx_run *run = &runs->items[i];
        abx_status status =
            abx_ram_zero(&load->ram, run->gpa + run->file_length, run->memory_length - run->file_length);
        if (status != ABX_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < runs->count; i++) {
        const abx_run *run = &runs->items[i];
        abx_status status = abx_ram_read(&load->ram, run->gpa, &load->kernel->image, run->offset, run->file_length);
        if (status != ABX_OK) {
            return status;
        }
    }
    return ABX_OK;
}

static abx_status load_kind(abx_load *load, abx_boot_entry *entry)
{
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

static abx_status read_params(abx_boot_params *out, const abx_boot_params *params)
{
    *out = (abx_boot_params)ABX_BOOT_PARAMS_INIT;
    if (params) {
        if (params->size < sizeof(params->size) || params->size > sizeof(*out)) {
            return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_BOOT_PARAMS_INIT.", "boot: the parameters' size");
        }
        memcpy(out, params, params->size);
    }
    if (out->module_count > 0 && !out->modules) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "boot: a number of modules without modules");
    }
    return ABX_OK;
}

abx_status abx_boot_load(abx_vm *vm, const abx_kernel *kernel, const abx_boot_params *params, abx_boot_entry *entry)
{
    if (!vm || !kernel || !entry) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "boot");
    }
    abx_boot_params complete;
    abx_status status = read_params(&complete, params);
    if (status != ABX_OK) {
        return status;
    }
    abx_load load = {
        .vm = vm, .kernel = kernel, .params = &complete, .cmdline = complete.cmdline ? complete.cmdline : ""
    };
    abx_boot_entry filled = { .kind = kernel->info.kind, .entry = kernel->info.entry };
    status = abx_ram_open(&load.ram, vm);
    if (status != ABX_OK) {
        return status;
    }
    status = abx_e820_build(&load.map, &load.ram);
    if (status == ABX_OK) {
        status = check(&load);
    }
    if (status == ABX_OK) {
        status = load_kind(&load, &filled);
    }
    if (status == ABX_OK) {
        status = put_runs(&load);
    }
    abx_ram_free(&load.ram);
    if (status == ABX_OK) {
        *entry = filled;
    }
    return status;
}
