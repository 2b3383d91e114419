/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The tree as Linux will look at it; dtc finds what is against the specification. */
#include "machine_test.h"

#include "fdt/tree.h"

#include <arcbox/arm64.h>

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const abx_fdt_platform everything = {
    .cpus = 2,
    .gic = { .version = 3, .has_its = true },
    .serial = true,
    .rtc = true,
    .power_button = true,
    .fw_cfg = true,
    .pvpanic = true,
    .virtio_count = 12,
};

static void *build(const abx_fdt_platform *platform)
{
    void *tree = NULL;
    size_t size = 0;
    assert_int_equal(abx_fdt_build(platform, &tree, &size), ABX_OK);
    assert_int_equal(fdt_check_full(tree, size), 0);
    return tree;
}

static int node(const void *tree, const char *path)
{
    int offset = fdt_path_offset(tree, path);
    if (offset < 0)
        fail_msg("%s: %s", path, fdt_strerror(offset));
    return offset;
}

static uint32_t cell(const void *tree, const char *path, const char *name, int index)
{
    int length;
    const fdt32_t *cells = fdt_getprop(tree, node(tree, path), name, &length);
    if (!cells || length < 4 * (index + 1))
        fail_msg("%s: no cell %d of %s", path, index, name);
    return fdt32_to_cpu(cells[index]);
}

static void assert_compatible(const void *tree, const char *path, const char *compatible)
{
    if (fdt_node_check_compatible(tree, node(tree, path), compatible) != 0)
        fail_msg("%s is not %s", path, compatible);
}

static void assert_reg(const void *tree, const char *path, int range, uint64_t address, uint64_t length)
{
    assert_int_equal((uint64_t)cell(tree, path, "reg", 4 * range) << 32 | cell(tree, path, "reg", 4 * range + 1),
                     address);
    assert_int_equal((uint64_t)cell(tree, path, "reg", 4 * range + 2) << 32 | cell(tree, path, "reg", 4 * range + 3),
                     length);
}

static void assert_spi(const void *tree, const char *path, uint32_t spi)
{
    assert_int_equal(cell(tree, path, "interrupts", 0), 0);
    assert_int_equal(cell(tree, path, "interrupts", 1), spi);
    assert_int_equal(cell(tree, path, "interrupts", 2), 4);
}

static void virtio_interrupts_may_be_edges(void **state)
{
    (void)state;
    abx_fdt_platform platform = everything;
    platform.virtio_edges = true;
    void *tree = build(&platform);
    assert_int_equal(cell(tree, "/virtio_mmio@a000000", "interrupts", 1), ABX_ARM64_SPI_VIRTIO);
    assert_int_equal(cell(tree, "/virtio_mmio@a000000", "interrupts", 2), 1);
    assert_spi(tree, "/serial@9000000", ABX_ARM64_SPI_SERIAL);
    free(tree);
}

static void devices_are_where_they_are(void **state)
{
    (void)state;
    void *tree = build(&everything);
    assert_compatible(tree, "/serial@9000000", "arm,pl011");
    assert_compatible(tree, "/serial@9000000", "arm,primecell");
    assert_reg(tree, "/serial@9000000", 0, ABX_ARM64_SERIAL, 0x1000);
    assert_spi(tree, "/serial@9000000", ABX_ARM64_SPI_SERIAL);
    assert_compatible(tree, "/virtio_mmio@a000000", "virtio,mmio");
    assert_reg(tree, "/virtio_mmio@a000000", 0, ABX_ARM64_VIRTIO, 0x200);
    assert_spi(tree, "/virtio_mmio@a000000", ABX_ARM64_SPI_VIRTIO);
    assert_reg(tree, "/virtio_mmio@a001600", 0, ABX_ARM64_VIRTIO + 11 * 0x200, 0x200);
    assert_spi(tree, "/virtio_mmio@a001600", ABX_ARM64_SPI_VIRTIO + 11);
    assert_compatible(tree, "/rtc@9010000", "arm,pl031");
    assert_reg(tree, "/rtc@9010000", 0, ABX_ARM64_RTC, 0x1000);
    assert_compatible(tree, "/gpio@9030000", "arm,pl061");
    assert_reg(tree, "/gpio@9030000", 0, ABX_ARM64_GPIO, 0x1000);
    assert_spi(tree, "/gpio@9030000", ABX_ARM64_SPI_GPIO);
    assert_compatible(tree, "/fw-cfg@9020000", "qemu,fw-cfg-mmio");
    assert_reg(tree, "/fw-cfg@9020000", 0, ABX_ARM64_FW_CFG, 24);
    assert_compatible(tree, "/pvpanic@9070000", "qemu,pvpanic-mmio");
    assert_reg(tree, "/pvpanic@9070000", 0, ABX_ARM64_PVPANIC, 2);
    assert_int_equal(cell(tree, "/gpio-keys/power-button", "linux,code", 0), 116);
    assert_int_equal(cell(tree, "/gpio-keys/power-button", "gpios", 0), cell(tree, "/gpio@9030000", "phandle", 0));
    assert_int_equal(cell(tree, "/gpio-keys/power-button", "gpios", 1), 3);
    assert_non_null(fdt_getprop(tree, node(tree, "/gpio-keys/power-button"), "wakeup-source", NULL));
    assert_int_equal(cell(tree, "/serial@9000000", "clocks", 0), cell(tree, "/apb-pclk", "phandle", 0));
    int length;
    assert_string_equal(fdt_getprop(tree, node(tree, "/chosen"), "stdout-path", &length), "/serial@9000000");
    assert_string_equal(fdt_get_alias(tree, "serial0"), "/serial@9000000");
    free(tree);
}

static void only_what_there_is_is_told(void **state)
{
    (void)state;
    static const char *const paths[] = { "/serial@9000000", "/rtc@9010000",
                                         "/gpio@9030000",   "/gpio-keys",
                                         "/fw-cfg@9020000", "/pvpanic@9070000",
                                         "/timer",          "/interrupt-controller@8000000" };
    void *tree = build(&(abx_fdt_platform){ .cpus = 1 });
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_int_equal(fdt_path_offset(tree, paths[i]), -FDT_ERR_NOTFOUND);
    assert_null(fdt_getprop(tree, 0, "interrupt-parent", NULL));
    assert_null(fdt_getprop(tree, node(tree, "/chosen"), "stdout-path", NULL));
    free(tree);

    tree = build(&(abx_fdt_platform){ .cpus = 1, .serial = true }); /* without interrupts */
    assert_null(fdt_getprop(tree, node(tree, "/serial@9000000"), "interrupts", NULL));
    free(tree);
}

static void interrupt_controllers(void **state)
{
    (void)state;
    static const char gic[] = "/interrupt-controller@8000000";
    static const char its[] = "/interrupt-controller@8000000/msi-controller@8080000";
    abx_fdt_platform platform = everything;
    void *tree = build(&platform);
    assert_compatible(tree, gic, "arm,gic-v3");
    assert_reg(tree, gic, 0, ABX_ARM64_GIC_DISTRIBUTOR, 0x10000);
    assert_reg(tree, gic, 1, ABX_ARM64_GIC_REDISTRIBUTORS, 2 * ABX_ARM64_GIC_REDISTRIBUTOR);
    assert_compatible(tree, its, "arm,gic-v3-its");
    assert_reg(tree, its, 0, ABX_ARM64_GIC_ITS, 0x20000);
    assert_int_equal(cell(tree, "/", "interrupt-parent", 0), cell(tree, gic, "phandle", 0));
    assert_int_equal(cell(tree, "/timer", "interrupts", 6), 1);
    assert_int_equal(cell(tree, "/timer", "interrupts", 7), ABX_ARM64_PPI_VIRTUAL_TIMER);
    assert_int_equal(cell(tree, "/timer", "interrupts", 8), 4);
    free(tree);

    platform.gic.has_its = false;
    tree = build(&platform);
    assert_int_equal(fdt_path_offset(tree, its), -FDT_ERR_NOTFOUND);
    free(tree);

    platform.gic = (abx_fdt_gic){ .version = 2 };
    tree = build(&platform);
    assert_compatible(tree, gic, "arm,cortex-a15-gic");
    assert_reg(tree, gic, 1, ABX_ARM64_GIC_CPU_INTERFACE, 0x2000);
    assert_int_equal(cell(tree, "/timer", "interrupts", 8), 0x304); /* both CPUs */
    free(tree);
}

static void cpus_have_their_affinity(void **state)
{
    (void)state;
    abx_fdt_platform platform = everything;
    platform.cpus = 300;
    void *tree = build(&platform);
    assert_int_equal(cell(tree, "/cpus/cpu@0", "reg", 0), 0);
    assert_int_equal(cell(tree, "/cpus/cpu@f", "reg", 0), 0xf);
    assert_int_equal(cell(tree, "/cpus/cpu@100", "reg", 0), 0x100);
    assert_int_equal(cell(tree, "/cpus/cpu@120b", "reg", 0), 0x120b); /* 299 = 18 * 16 + 11 */
    assert_compatible(tree, "/cpus/cpu@0", "arm,armv8");
    int count = 0, length;
    for (int cpu = fdt_first_subnode(tree, node(tree, "/cpus")); cpu >= 0; cpu = fdt_next_subnode(tree, cpu)) {
        assert_string_equal(fdt_getprop(tree, cpu, "enable-method", &length), "psci");
        count++;
    }
    assert_int_equal(count, 300);
    assert_compatible(tree, "/psci", "arm,psci-1.0");
    assert_string_equal(fdt_getprop(tree, node(tree, "/psci"), "method", &length), "hvc");
    free(tree);
}

static void more_cpus_than_fit(void **state)
{
    (void)state;
    abx_fdt_platform platform = everything;
    platform.cpus = 100000;
    void *tree = &platform;
    size_t size = 7;
    assert_int_equal(abx_fdt_build(&platform, &tree, &size), ABX_ERR_LIMIT);
    assert_ptr_equal(tree, &platform);
    assert_int_equal(size, 7);
}

/* Whether dtc takes it and has nothing to say. */
static void assert_dtc_is_content(const void *tree)
{
    char path[] = "/tmp/test-fdt-XXXXXX";
    char command[128], answer[1024] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, tree, fdt_totalsize(tree)), fdt_totalsize(tree));
    close(fd);
    snprintf(command, sizeof(command), "dtc -I dtb -O dts -o /dev/null %s 2>&1", path);
    FILE *dtc = popen(command, "r");
    assert_non_null(dtc);
    size_t length = fread(answer, 1, sizeof(answer) - 1, dtc);
    int status = pclose(dtc);
    unlink(path);
    if (status != 0 || length > 0)
        fail_msg("dtc says: %s", answer);
}

static void dtc_has_nothing_against_it(void **state)
{
    (void)state;
    if (system("dtc --version >/dev/null 2>&1") != 0) {
        print_message("skipped: there is no dtc (Debian's device-tree-compiler)\n");
        skip();
    }
    static const abx_fdt_gic gics[] = { { 3, true }, { 3, false }, { 2, false }, { 0, false } };
    for (size_t i = 0; i < sizeof(gics) / sizeof(gics[0]); i++) {
        abx_fdt_platform platform = everything;
        platform.gic = gics[i];
        void *tree = build(&platform);
        assert_dtc_is_content(tree);
        free(tree);
    }
    void *least = build(&(abx_fdt_platform){ .cpus = 1, .gic = { 3, true } });
    assert_dtc_is_content(least);
    free(least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_where_they_are), cmocka_unit_test(virtio_interrupts_may_be_edges),
        cmocka_unit_test(only_what_there_is_is_told), cmocka_unit_test(interrupt_controllers),
        cmocka_unit_test(cpus_have_their_affinity),   cmocka_unit_test(more_cpus_than_fit),
        cmocka_unit_test(dtc_has_nothing_against_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
