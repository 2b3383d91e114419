/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "machine_cmdline.h"

#include <stdlib.h>

static const abx_device_config devices[] = { { .kind = ABX_DEVICE_ENTROPY },
                                             { .kind = ABX_DEVICE_SERIAL },
                                             { .kind = ABX_DEVICE_BLOCK } };

static char *build(const char *cmdline, abx_arch arch, bool acpi, abx_image_kind kind, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    char *text = (char[]){ "untouched" };
    config.cmdline = cmdline;
    config.devices = devices;
    config.device_count = count;
    assert_int_equal(abx_machine_build_cmdline(&text, &config, arch, acpi, kind), ABX_OK);
    return text;
}

static void devices_are_added(void **state)
{
    (void)state;
    static const abx_image_kind kinds[] = { ABX_IMAGE_LINUX, ABX_IMAGE_PVH };
    for (size_t i = 0; i < 2; i++) {
        char *text = build("quiet -- init", ABX_ARCH_X86_64, false, kinds[i], 3);
        assert_string_equal(text, "virtio_mmio.device=0x200@0xd0000000:5 virtio_mmio.device=0x200@0xd0000200:9 "
                                  "quiet -- init");
        free(text);
    }
    char *text = build(NULL, ABX_ARCH_X86_64, false, ABX_IMAGE_LINUX, 1);
    assert_string_equal(text, "virtio_mmio.device=0x200@0xd0000000:5 ");
    free(text);
}

static void others_know_by_themselves(void **state)
{
    (void)state;
    assert_null(build("quiet", ABX_ARCH_X86_64, true, ABX_IMAGE_LINUX, 3));
    assert_null(build("quiet", ABX_ARCH_ARM64, false, ABX_IMAGE_LINUX, 3));
    assert_null(build("quiet", ABX_ARCH_X86_64, false, ABX_IMAGE_MULTIBOOT, 3));
    assert_null(build("quiet", ABX_ARCH_X86_64, false, ABX_IMAGE_FLAT, 3));
    assert_null(build("quiet", ABX_ARCH_X86_64, false, ABX_IMAGE_LINUX, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_added),
        cmocka_unit_test(others_know_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
