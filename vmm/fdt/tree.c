/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bindings: Linux, Documentation/devicetree/bindings; each node's is named there after its "compatible". */
#include "fdt/tree.h"

#include "fdt/writer.h"
#include "machine_virtio.h"
#include "virtio/mmio.h"

#include <arcbox/arm64.h>

#include <libfdt.h>
#include <stdlib.h>

enum {
    PHANDLE_GIC = 1,
    PHANDLE_ITS,
    PHANDLE_CLOCK,
    PHANDLE_GPIO,

    /* interrupt-controller/arm,gic.yaml: the three cells of an interrupt. */
    GIC_SPI = 0,
    GIC_PPI = 1,
    EDGE_RISING = 1,
    LEVEL_HIGH = 4,
    PPI_CPUS_SHIFT = 8, /* GICv2: the CPUs that a PPI is wired to */
    GIC_V2_CPUS = 8,

    PAGE = 0x1000,
    GIC_FRAME = 0x10000,
    GIC_CPU_INTERFACE = 0x2000,
    ITS_SIZE = 0x20000,
    FW_CFG_SIZE = 24,
    PVPANIC_SIZE = 2,

    CLOCK_HZ = 24000000, /* of UARTCLK: what it is changes nothing here */
    POWER_BUTTON_LINE = 3,
    KEY_POWER = 116, /* Linux, include/uapi/linux/input-event-codes.h */
    GPIO_ACTIVE_HIGH = 0,
};

#define PUT_CELLS(writer, name, ...)                                                                                   \
    abx_fdt_put_cells(writer, name, (const uint32_t[]){ __VA_ARGS__ },                                                 \
                      sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define PUT_RANGES(writer, ...)                                                                                        \
    abx_fdt_put_ranges(writer, (const uint64_t[]){ __VA_ARGS__ },                                                      \
                       sizeof((const uint64_t[]){ __VA_ARGS__ }) / (2 * sizeof(uint64_t)))
#define PUT_STRINGS(writer, name, strings) abx_fdt_put_strings(writer, name, strings, sizeof(strings))

static void put_interrupt(abx_fdt_writer *w, const abx_fdt_platform *platform, uint32_t spi, uint32_t trigger)
{
    if (platform->gic.version)
        PUT_CELLS(w, "interrupts", GIC_SPI, spi, trigger);
}

static void put_cpus(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    abx_fdt_open(w, "cpus");
    abx_fdt_put_cell(w, "#address-cells", 1);
    abx_fdt_put_cell(w, "#size-cells", 0);
    for (uint32_t i = 0; i < platform->cpus; i++) {
        uint32_t mpidr = ABX_ARM64_AFFINITY(i);
        abx_fdt_open_at(w, "cpu", mpidr);
        abx_fdt_put_string(w, "device_type", "cpu");
        abx_fdt_put_string(w, "compatible", "arm,armv8");
        abx_fdt_put_cell(w, "reg", mpidr);
        abx_fdt_put_string(w, "enable-method", "psci");
        abx_fdt_close(w);
    }
    abx_fdt_close(w);
}

static void put_psci(abx_fdt_writer *w)
{
    abx_fdt_open(w, "psci");
    PUT_STRINGS(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
    abx_fdt_put_string(w, "method", "hvc");
    abx_fdt_close(w);
}

static void put_its(abx_fdt_writer *w)
{
    abx_fdt_open_at(w, "msi-controller", ABX_ARM64_GIC_ITS);
    abx_fdt_put_string(w, "compatible", "arm,gic-v3-its");
    PUT_RANGES(w, ABX_ARM64_GIC_ITS, ITS_SIZE);
    abx_fdt_put_flag(w, "msi-controller");
    abx_fdt_put_cell(w, "#msi-cells", 1);
    abx_fdt_put_cell(w, "phandle", PHANDLE_ITS);
    abx_fdt_close(w);
}

static void put_gic(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    abx_fdt_open_at(w, "interrupt-controller", ABX_ARM64_GIC_DISTRIBUTOR);
    if (platform->gic.version == 3) {
        abx_fdt_put_string(w, "compatible", "arm,gic-v3");
        PUT_RANGES(w, ABX_ARM64_GIC_DISTRIBUTOR, GIC_FRAME, ABX_ARM64_GIC_REDISTRIBUTORS,
                   platform->cpus * ABX_ARM64_GIC_REDISTRIBUTOR);
        abx_fdt_put_cell(w, "#redistributor-regions", 1);
    } else {
        abx_fdt_put_string(w, "compatible", "arm,cortex-a15-gic");
        PUT_RANGES(w, ABX_ARM64_GIC_DISTRIBUTOR, GIC_FRAME, ABX_ARM64_GIC_CPU_INTERFACE, GIC_CPU_INTERFACE);
    }
    abx_fdt_put_flag(w, "interrupt-controller");
    abx_fdt_put_cell(w, "#interrupt-cells", 3);
    abx_fdt_put_cell(w, "#address-cells", 2);
    abx_fdt_put_cell(w, "#size-cells", 2);
    abx_fdt_put_flag(w, "ranges");
    abx_fdt_put_cell(w, "phandle", PHANDLE_GIC);
    if (platform->gic.version == 3 && platform->gic.has_its)
        put_its(w);
    abx_fdt_close(w);
}

static void put_timer(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    uint32_t flags = LEVEL_HIGH;
    if (platform->gic.version == 2) {
        uint32_t cpus = platform->cpus < GIC_V2_CPUS ? platform->cpus : GIC_V2_CPUS;
        flags |= ((1u << cpus) - 1) << PPI_CPUS_SHIFT;
    }
    abx_fdt_open(w, "timer");
    PUT_STRINGS(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
    PUT_CELLS(w, "interrupts", GIC_PPI, ABX_ARM64_PPI_SECURE_TIMER, flags, GIC_PPI, ABX_ARM64_PPI_PHYSICAL_TIMER, flags,
              GIC_PPI, ABX_ARM64_PPI_VIRTUAL_TIMER, flags, GIC_PPI, ABX_ARM64_PPI_HYPERVISOR_TIMER, flags);
    abx_fdt_put_flag(w, "always-on");
    abx_fdt_close(w);
}

static void put_pmu(abx_fdt_writer *w)
{
    abx_fdt_open(w, "pmu");
    abx_fdt_put_string(w, "compatible", "arm,armv8-pmuv3");
    PUT_CELLS(w, "interrupts", GIC_PPI, ABX_ARM64_PPI_PMU, LEVEL_HIGH);
    abx_fdt_close(w);
}

/* The clock that PrimeCells want to have. */
static void put_clock(abx_fdt_writer *w)
{
    abx_fdt_open(w, "apb-pclk");
    abx_fdt_put_string(w, "compatible", "fixed-clock");
    abx_fdt_put_cell(w, "#clock-cells", 0);
    abx_fdt_put_cell(w, "clock-frequency", CLOCK_HZ);
    abx_fdt_put_string(w, "clock-output-names", "clk24mhz");
    abx_fdt_put_cell(w, "phandle", PHANDLE_CLOCK);
    abx_fdt_close(w);
}

static void put_serial(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    abx_fdt_open_at(w, "serial", ABX_ARM64_SERIAL);
    PUT_STRINGS(w, "compatible", "arm,pl011\0arm,primecell");
    PUT_RANGES(w, ABX_ARM64_SERIAL, PAGE);
    put_interrupt(w, platform, ABX_ARM64_SPI_SERIAL, LEVEL_HIGH);
    PUT_CELLS(w, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
    PUT_STRINGS(w, "clock-names", "uartclk\0apb_pclk");
    abx_fdt_close(w);
}

/* Without an interrupt: the clock has no alarm. */
static void put_rtc(abx_fdt_writer *w)
{
    abx_fdt_open_at(w, "rtc", ABX_ARM64_RTC);
    PUT_STRINGS(w, "compatible", "arm,pl031\0arm,primecell");
    PUT_RANGES(w, ABX_ARM64_RTC, PAGE);
    abx_fdt_put_cell(w, "clocks", PHANDLE_CLOCK);
    abx_fdt_put_string(w, "clock-names", "apb_pclk");
    abx_fdt_close(w);
}

static void put_gpio(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    abx_fdt_open_at(w, "gpio", ABX_ARM64_GPIO);
    PUT_STRINGS(w, "compatible", "arm,pl061\0arm,primecell");
    PUT_RANGES(w, ABX_ARM64_GPIO, PAGE);
    put_interrupt(w, platform, ABX_ARM64_SPI_GPIO, LEVEL_HIGH);
    abx_fdt_put_flag(w, "gpio-controller");
    abx_fdt_put_cell(w, "#gpio-cells", 2);
    abx_fdt_put_cell(w, "clocks", PHANDLE_CLOCK);
    abx_fdt_put_string(w, "clock-names", "apb_pclk");
    abx_fdt_put_cell(w, "phandle", PHANDLE_GPIO);
    abx_fdt_close(w);
}

static void put_power_button(abx_fdt_writer *w)
{
    abx_fdt_open(w, "gpio-keys");
    abx_fdt_put_string(w, "compatible", "gpio-keys");
    abx_fdt_open(w, "power-button");
    abx_fdt_put_string(w, "label", "Power Button");
    abx_fdt_put_cell(w, "linux,code", KEY_POWER);
    PUT_CELLS(w, "gpios", PHANDLE_GPIO, POWER_BUTTON_LINE, GPIO_ACTIVE_HIGH);
    abx_fdt_put_flag(w, "wakeup-source");
    abx_fdt_close(w);
    abx_fdt_close(w);
}

static void put_fw_cfg(abx_fdt_writer *w)
{
    abx_fdt_open_at(w, "fw-cfg", ABX_ARM64_FW_CFG);
    abx_fdt_put_string(w, "compatible", "qemu,fw-cfg-mmio");
    PUT_RANGES(w, ABX_ARM64_FW_CFG, FW_CFG_SIZE);
    abx_fdt_put_flag(w, "dma-coherent");
    abx_fdt_close(w);
}

/* Known to Linux by drivers/misc/pvpanic/pvpanic-mmio.c. */
static void put_pvpanic(abx_fdt_writer *w)
{
    abx_fdt_open_at(w, "pvpanic", ABX_ARM64_PVPANIC);
    abx_fdt_put_string(w, "compatible", "qemu,pvpanic-mmio");
    PUT_RANGES(w, ABX_ARM64_PVPANIC, PVPANIC_SIZE);
    abx_fdt_close(w);
}

/* virtio/mmio.yaml. */
static void put_virtio(abx_fdt_writer *w, const abx_fdt_platform *platform, uint32_t index)
{
    const abx_virtio_place place = abx_machine_place_virtio(ABX_ARCH_ARM64, false, index);
    abx_fdt_open_at(w, "virtio_mmio", place.base);
    abx_fdt_put_string(w, "compatible", "virtio,mmio");
    PUT_RANGES(w, place.base, ABX_VIRTIO_MMIO_SIZE);
    put_interrupt(w, platform, place.line, platform->virtio_edges ? EDGE_RISING : LEVEL_HIGH);
    abx_fdt_put_flag(w, "dma-coherent");
    abx_fdt_close(w);
}

static void put_chosen(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    static const char serial[] = "/serial@9000000";
    _Static_assert(ABX_ARM64_SERIAL == 0x9000000, "the path of the serial port");
    abx_fdt_open(w, "aliases");
    if (platform->serial)
        abx_fdt_put_string(w, "serial0", serial);
    abx_fdt_close(w);
    abx_fdt_open(w, "chosen");
    if (platform->serial)
        abx_fdt_put_string(w, "stdout-path", serial);
    abx_fdt_close(w);
}

static void put_root(abx_fdt_writer *w, const abx_fdt_platform *platform)
{
    abx_fdt_put_string(w, "compatible", "linux,dummy-virt");
    abx_fdt_put_string(w, "model", "linux,dummy-virt");
    abx_fdt_put_cell(w, "#address-cells", 2);
    abx_fdt_put_cell(w, "#size-cells", 2);
    if (platform->gic.version)
        abx_fdt_put_cell(w, "interrupt-parent", PHANDLE_GIC);
}

static int write_tree(const abx_fdt_platform *platform, void *buffer, size_t capacity)
{
    abx_fdt_writer writer;
    abx_fdt_begin(&writer, buffer, capacity);
    put_root(&writer, platform);
    put_chosen(&writer, platform);
    put_psci(&writer);
    put_cpus(&writer, platform);
    if (platform->gic.version) {
        put_gic(&writer, platform);
        put_timer(&writer, platform);
        if (platform->pmu)
            put_pmu(&writer);
    }
    put_clock(&writer);
    if (platform->serial)
        put_serial(&writer, platform);
    if (platform->rtc)
        put_rtc(&writer);
    if (platform->power_button) {
        put_gpio(&writer, platform);
        put_power_button(&writer);
    }
    if (platform->fw_cfg)
        put_fw_cfg(&writer);
    if (platform->pvpanic)
        put_pvpanic(&writer);
    for (uint32_t i = 0; i < platform->virtio_count; i++)
        put_virtio(&writer, platform, i);
    return abx_fdt_finish(&writer);
}

abx_status abx_fdt_build(const abx_fdt_platform *platform, void **tree, size_t *size)
{
    const size_t least = 16 << 10;
    int error = -FDT_ERR_NOSPACE;
    for (size_t capacity = least; error == -FDT_ERR_NOSPACE && capacity <= ABX_FDT_MAX; capacity *= 2) {
        void *buffer = malloc(capacity);
        if (!buffer)
            return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "build the device tree");
        error = write_tree(platform, buffer, capacity);
        if (error == 0) {
            *tree = buffer;
            *size = fdt_totalsize(buffer);
            return ABX_OK;
        }
        free(buffer);
    }
    return abx_fdt_status(error, "build the device tree");
}
