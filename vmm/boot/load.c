/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arch.h"

#include <string.h>

abx_status abx_load_refuse(bool given, const char *what)
{
    return given ? abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "boot: this kind of kernel takes no %s", what) : ABX_OK;
}

abx_status abx_load_too_small(const abx_load *load, abx_gpa gpa, abx_gpa end)
{
    return abx_fail(ABX_ERR_RANGE, 0, "Give the guest more memory.",
                    "load %s: it needs RAM from 0x%llx to 0x%llx, where there is none or not enough",
                    load->kernel->path, (unsigned long long)gpa, (unsigned long long)end);
}

bool abx_load_place(const abx_load *load, uint64_t length, abx_gpa limit, abx_gpa *gpa)
{
    const abx_kernel_info *info = &load->kernel->info;
    const abx_range taken[] = { { info->load_low, info->load_high }, load->reserved };
    const abx_range room = { load->lowest, limit };
    return abx_place_high(&load->map, length, room, taken, sizeof(taken) / sizeof(taken[0]), gpa);
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
    if (out->device_tree_size > 0 && !out->device_tree) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "boot: the size of a device tree without a device tree");
    }
    return ABX_OK;
}

static abx_status check_arch(const abx_vm *vm, const abx_kernel_info *info)
{
    abx_arch arch = abx_vm_get_config(vm)->arch;
    if (arch != info->arch) {
        return abx_fail(ABX_ERR_INVALID, 0, "Open the kernel for the VM's architecture.",
                        "boot a kernel for %s in a VM for %s", abx_arch_name(info->arch), abx_arch_name(arch));
    }
    return ABX_OK;
}

abx_status abx_boot_load(abx_vm *vm, const abx_kernel *kernel, const abx_boot_params *params, abx_boot_entry *entry)
{
    if (!vm || !kernel || !entry) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "boot");
    }
    const abx_kernel_info *info = &kernel->info;
    const abx_boot_arch *arch = abx_boot_arch_of(info->arch);
    abx_boot_params complete;
    abx_status status = read_params(&complete, params);
    if (status == ABX_OK) {
        status = check_arch(vm, info);
    }
    if (status != ABX_OK) {
        return status;
    }
    abx_load load = { .vm = vm,
                      .kernel = kernel,
                      .params = &complete,
                      .cmdline = complete.cmdline ? complete.cmdline : "",
                      .lowest = arch->lowest };
    abx_boot_entry filled = { .kind = info->kind, .arch = info->arch, .entry = info->entry };
    status = abx_ram_open(&load.ram, vm);
    if (status != ABX_OK) {
        return status;
    }
    status = abx_guest_map_build(&load.map, &load.ram, arch->hole, arch->hole_end);
    if (status == ABX_OK) {
        status = arch->load(&load, &filled);
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
