/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"

enum { WANTED_LINES = 256, WANTED_MESSAGES = 256 };

/* Where the parts of the GIC go, and how much room is there. */
#define DISTRIBUTOR_ROOM (ABX_ARM64_GIC_ITS - ABX_ARM64_GIC_DISTRIBUTOR)
#define FRAME            ABX_ARM64_GIC_ITS /* there is no ITS beside it */
#define FRAME_ROOM       (ABX_ARM64_GIC_REDISTRIBUTORS - ABX_ARM64_GIC_ITS)

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A part of `size` bytes at `base`. */
static bool fits(uint64_t base, uint64_t room, size_t size, size_t alignment)
{
    return size <= room && (alignment == 0 || base % alignment == 0);
}

static bool controllers_fit(void)
{
    size_t size, alignment;
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        bool known = hv_gic_get_distributor_size(&size) == HV_SUCCESS &&
                     hv_gic_get_distributor_base_alignment(&alignment) == HV_SUCCESS;
        if (!known || !fits(ABX_ARM64_GIC_DISTRIBUTOR, DISTRIBUTOR_ROOM, size, alignment))
            return false;
        return hv_gic_get_redistributor_size(&size) == HV_SUCCESS &&
               hv_gic_get_redistributor_base_alignment(&alignment) == HV_SUCCESS &&
               size == ABX_ARM64_GIC_REDISTRIBUTOR && fits(ABX_ARM64_GIC_REDISTRIBUTORS, size, size, alignment);
    }
    return false;
}

static bool frame_fits(void)
{
    size_t size, alignment;
    if (ABX_MACOS_AT_LEAST(15, 0))
        return hv_gic_get_msi_region_size(&size) == HV_SUCCESS &&
               hv_gic_get_msi_region_base_alignment(&alignment) == HV_SUCCESS &&
               fits(FRAME, FRAME_ROOM, size, alignment);
    return false;
}

/* Lines come first, as many as on every backend if there are so many, and messages behind them. */
void abx_hvf_gic_probe(abx_hvf_hypervisor *hypervisor)
{
    uint32_t first, count;
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        if (!controllers_fit() || hv_gic_get_spi_interrupt_range(&first, &count) != HV_SUCCESS ||
            first != ABX_HVF_FIRST_SPI || count == 0)
            return;
        hypervisor->gic = true;
        hypervisor->lines = smaller(count, WANTED_LINES);
        hypervisor->messages = frame_fits() ? smaller(count - hypervisor->lines, WANTED_MESSAGES) : 0;
    }
}

static hv_return_t configure(const abx_hvf_hypervisor *hypervisor, hv_gic_config_t config)
{
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        hv_return_t result = hv_gic_config_set_distributor_base(config, ABX_ARM64_GIC_DISTRIBUTOR);
        if (result == HV_SUCCESS)
            result = hv_gic_config_set_redistributor_base(config, ABX_ARM64_GIC_REDISTRIBUTORS);
        if (result == HV_SUCCESS && hypervisor->messages)
            result = hv_gic_config_set_msi_region_base(config, FRAME);
        if (result == HV_SUCCESS && hypervisor->messages)
            result = hv_gic_config_set_msi_interrupt_range(config, ABX_HVF_FIRST_SPI + hypervisor->lines,
                                                           hypervisor->messages);
        return result == HV_SUCCESS ? hv_gic_create(config) : result;
    }
    return HV_UNSUPPORTED;
}

abx_status abx_hvf_gic_create(const abx_hvf_vm *vm)
{
    static const char operation[] = "create the interrupt controllers";
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        hv_gic_config_t config = hv_gic_config_create();
        if (!config)
            return abx_hv_check(HV_NO_RESOURCES, operation);
        hv_return_t result = configure(vm->hypervisor, config);
        os_release(config);
        return abx_hv_check(result, operation);
    }
    return abx_hv_check(HV_UNSUPPORTED, operation);
}

static abx_status require_gic(const abx_hvf_vm *vm, const char *operation)
{
    if (vm->gic)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "Give the VM interrupt controllers in the kernel: config.irqchip.", "%s",
                    operation);
}

/* Also wakes a vCPU that waits: no kick is needed, and none must come. */
abx_status abx_hvf_irq_set_line(void *object, uint32_t gsi, bool level)
{
    const abx_hvf_vm *vm = object;
    abx_status status = require_gic(vm, "set an interrupt line");
    if (status != ABX_OK)
        return status;
    if (gsi >= vm->hypervisor->lines)
        return abx_fail(ABX_ERR_LIMIT, 0, "abx_arm64_get_gic() says how many there are.", "set interrupt line %u", gsi);
    hv_return_t result = HV_UNSUPPORTED;
    if (ABX_MACOS_AT_LEAST(15, 0))
        result = hv_gic_set_spi(ABX_HVF_FIRST_SPI + gsi, level);
    return abx_hv_check(result, "set interrupt line %u", gsi);
}

abx_status abx_hvf_irq_send_msi(void *object, const abx_msi *msi)
{
    static const char operation[] = "send a message-signalled interrupt";
    const abx_hvf_vm *vm = object;
    abx_status status = require_gic(vm, operation);
    if (status != ABX_OK)
        return status;
    uint32_t first = ABX_HVF_FIRST_SPI + vm->hypervisor->lines;
    if (msi->data - first >= vm->hypervisor->messages || msi->address - FRAME >= FRAME_ROOM)
        return abx_fail(ABX_ERR_INVALID, 0, "Messages go to the frame of abx_arm64_get_gic(), with one of its INTIDs.",
                        "%s with data %u", operation, msi->data);
    hv_return_t result = HV_UNSUPPORTED;
    if (ABX_MACOS_AT_LEAST(15, 0))
        result = hv_gic_send_msi(msi->address, msi->data);
    return abx_hv_check(result, operation);
}

abx_status abx_hvf_get_gic(const void *object, abx_arm64_gic *gic)
{
    const abx_hvf_hypervisor *hypervisor = ((const abx_hvf_vm *)object)->hypervisor;
    *gic = (abx_arm64_gic){
        .version = 3,
        .lines = hypervisor->lines,
        .msi_frame = hypervisor->messages ? FRAME : 0,
        .first_message = hypervisor->messages ? ABX_HVF_FIRST_SPI + hypervisor->lines : 0,
        .messages = hypervisor->messages,
    };
    return ABX_OK;
}
