/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_device_tree.h"

#include "fdt/tree.h"
#include "machine_config.h"
#include "machine_virtio.h"

#include <arcbox/arm64.h>

static bool has(const abx_machine_config *config, abx_device_kind kind)
{
    return abx_machine_find_device(config, kind) != NULL;
}

static abx_status ask_for_gic(const abx_vm *vm, bool own, abx_fdt_gic *out)
{
    abx_arm64_gic gic;
    *out = (abx_fdt_gic){ .version = own ? 3 : 0 };
    if (abx_vm_get_config(vm)->irqchip != ABX_IRQCHIP_KERNEL)
        return ABX_OK;
    abx_status status = abx_arm64_get_gic(vm, &gic);
    if (status == ABX_OK)
        *out = (abx_fdt_gic){ .version = gic.version, .has_its = gic.has_its };
    return status;
}

abx_status abx_machine_build_device_tree(const abx_vm *vm, bool own_gic, const abx_machine_config *config, void **tree,
                                         size_t *size)
{
    abx_fdt_platform platform = {
        .cpus = abx_vm_get_config(vm)->cpus,
        .pmu = abx_vm_get_config(vm)->pmu == ABX_YES,
        .serial = has(config, ABX_DEVICE_SERIAL),
        .rtc = has(config, ABX_DEVICE_RTC),
        .power_button = has(config, ABX_DEVICE_POWER_BUTTON),
        .fw_cfg = has(config, ABX_DEVICE_FW_CFG),
        .pvpanic = has(config, ABX_DEVICE_PVPANIC),
        .virtio_count = abx_machine_count_virtio(config),
        .virtio_edges = abx_machine_has_irqfd(vm, config),
    };
    abx_status status = ask_for_gic(vm, own_gic, &platform.gic);
    return status == ABX_OK ? abx_fdt_build(&platform, tree, size) : status;
}
