/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fake_manual.h"
#include "machine_virtio.h"
#include "virtio/mmio.h"

#include <arcbox/arm64.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void places_are_apart_and_out_of_ram(void **state)
{
    (void)state;
    static const abx_arch archs[] = { ABX_ARCH_X86_64, ABX_ARCH_ARM64, ABX_ARCH_X86_64 };
    for (size_t a = 0; a < 3; a++) {
        bool acpi = a == 0;
        uint32_t count = a == 2 ? ABX_MACHINE_VIRTIO_MAX_PIC : ABX_MACHINE_VIRTIO_MAX;
        for (uint32_t i = 0; i < count; i++) {
            abx_virtio_place one = abx_machine_place_virtio(archs[a], acpi, i);
            if (archs[a] == ABX_ARCH_X86_64) {
                assert_in_range(one.base, 0xc0000000u, 0xfebfffffu); /* the hole, before the IOAPIC */
                assert_in_range(one.line, 3, acpi ? 23 : 15);
                assert_int_not_equal(one.line, 4); /* the serial port's */
                assert_int_not_equal(one.line, 8); /* the clock's */
            } else {
                assert_true(one.base + ABX_VIRTIO_MMIO_SIZE <= ABX_ARM64_RAM);
                assert_true(one.line >= ABX_ARM64_SPI_VIRTIO);
            }
            for (uint32_t k = 0; k < i; k++) {
                abx_virtio_place other = abx_machine_place_virtio(archs[a], acpi, k);
                assert_true(other.base + ABX_VIRTIO_MMIO_SIZE <= one.base ||
                            one.base + ABX_VIRTIO_MMIO_SIZE <= other.base);
                assert_int_not_equal(one.line, other.line);
            }
        }
    }
}

static void virtio_devices_are_counted(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_SERIAL },
                                          { .kind = ABX_DEVICE_ENTROPY },
                                          { .kind = ABX_DEVICE_BALLOON },
                                          { .kind = ABX_DEVICE_BLOCK },
                                          { .kind = ABX_DEVICE_BLOCK } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    assert_int_equal(abx_machine_count_virtio(&config), 0);
    config.devices = devices;
    config.device_count = 5;
    assert_int_equal(abx_machine_count_virtio(&config), 4);
}

static void devices_are_where_they_shall_be(void **state)
{
    (void)state;
    char path[] = "/tmp/abx-machine-virtio-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, 5 * 512), 0);
    const abx_device_config configs[] = {
        { .kind = ABX_DEVICE_ENTROPY },
        { .kind = ABX_DEVICE_BLOCK, .block = { .path = path, .read_only = true } },
        { .kind = ABX_DEVICE_BLOCK, .block = { .path = "/nonexistent/image" } },
        { .kind = ABX_DEVICE_VSOCK },
    };
    static const abx_status expected[] = { ABX_OK, ABX_OK, ABX_ERR_NOT_FOUND, ABX_ERR_INVALID };
    static const uint32_t ids[] = { 4, 2 };
    abx_vm *vm = fake_manual_vm(1);
    for (uint32_t i = 0; i < 4; i++) {
        fake_host host;
        fake_host_init(&host);
        abx_device_host interface = fake_host_interface(&host, true);
        interface.vm = vm;
        abx_virtio_place place = abx_machine_place_virtio(ABX_ARCH_X86_64, true, i);
        assert_int_equal(abx_machine_build_virtio(&host.device, &interface, place, &configs[i]), expected[i]);
        assert_int_equal(guest_load(&host, place.base, 4), i < 2 ? 0x74726976 : 0xffffffff);
        if (i < 2)
            assert_int_equal(guest_load(&host, place.base + 8, 4), ids[i]);
        if (i == 1)
            assert_int_equal(guest_load(&host, place.base + 0x100, 8), 5);
        fake_host_end(&host);
    }
    fake_manual_end(vm);
    close(file);
    unlink(path);
}

/* Only x86_64 guests without ACPI have fewer lines. */
static void lines_may_not_suffice(void **state)
{
    (void)state;
    abx_device_config devices[ABX_MACHINE_VIRTIO_MAX];
    for (size_t i = 0; i < ABX_MACHINE_VIRTIO_MAX; i++)
        devices[i] = (abx_device_config){ .kind = ABX_DEVICE_BLOCK };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.devices = devices;
    config.device_count = ABX_MACHINE_VIRTIO_MAX;
    assert_int_equal(abx_machine_check_virtio(&config, ABX_ARCH_X86_64, true), ABX_OK);
    assert_int_equal(abx_machine_check_virtio(&config, ABX_ARCH_ARM64, false), ABX_OK);
    assert_int_equal(abx_machine_check_virtio(&config, ABX_ARCH_X86_64, false), ABX_ERR_CONFIG);
    config.device_count = ABX_MACHINE_VIRTIO_MAX_PIC;
    assert_int_equal(abx_machine_check_virtio(&config, ABX_ARCH_X86_64, false), ABX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_apart_and_out_of_ram),
        cmocka_unit_test(virtio_devices_are_counted),
        cmocka_unit_test(devices_are_where_they_shall_be),
        cmocka_unit_test(lines_may_not_suffice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
