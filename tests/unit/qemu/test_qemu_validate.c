/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "config_internal.h"
#include "qemu/validate.h"

#include <stdio.h>
#include <string.h>

/* The faults of a configuration with these devices, as "field: message" lines. */
static const char *faults_of(const abx_device_config *devices, size_t count)
{
    static char text[1024];
    abx_config_fault faults[4];
    abx_config_report report = { .faults = faults, .capacity = 4 };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.devices = devices;
    config.device_count = count;
    abx_qemu_validate(NULL, &config, &report);
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < report.count && i < 4; i++)
        length +=
            (size_t)snprintf(text + length, sizeof(text) - length, "%s: %s\n", faults[i].field, faults[i].message);
    return text;
}

static void test_memory(void **state)
{
    (void)state;
    abx_config_fault faults[2];
    abx_config_report report = { .faults = faults, .capacity = 2 };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_backing = ABX_BACKING_MEMFD;
    config.huge_pages = ABX_HUGE_1G;
    abx_qemu_validate(NULL, &config, &report);
    assert_int_equal(report.count, 2);
    assert_string_equal(faults[0].field, "memory_backing");
    assert_string_equal(faults[1].field, "huge_pages");
}

static void test_networks(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { ABX_DEVICE_NET, .net = { .kind = ABX_NET_NAT } },
                                          { ABX_DEVICE_NET, .net = { .kind = ABX_NET_BRIDGED, .interface = "eth0" } } };
    assert_string_equal(faults_of(devices, 1), "");
    assert_string_equal(faults_of(devices, 2),
                        "devices[1].net.kind: backend qemu has networks of kind NAT and DATAGRAM\n");
}

static void test_consoles(void **state)
{
    (void)state;
    const abx_console_port ports[] = { { NULL, { -1, -1 } }, { "a", { -1, -1 } }, { "b", { -1, -1 } } };
    const abx_device_config devices[] = {
        { ABX_DEVICE_CONSOLE, .console = { .ports = ports, .port_count = 2 } },
        { ABX_DEVICE_CONSOLE, .console = { .ports = &ports[2], .port_count = 1, .ports_only = true } },
        { ABX_DEVICE_CONSOLE, .console = { .ports = ports, .port_count = 3 } },
    };
    assert_string_equal(faults_of(devices, 2), "");
    assert_string_equal(faults_of(devices, 3), "devices[2].console.ports[1].name: devices[0] has the same\n"
                                               "devices[2].console.ports[2].name: devices[1] has the same\n");
    /* The core has faults of its own for these. */
    const abx_device_config wrong[] = { { ABX_DEVICE_CONSOLE, .console.port_count = 1 },
                                        { ABX_DEVICE_CONSOLE, .console = { .ports = ports, .port_count = 7 } } };
    assert_string_equal(faults_of(wrong, 2), "");
}

static void test_balloons(void **state)
{
    (void)state;
    const uint64_t memory = abx_default_memory_size();
    abx_device_config device = {
        ABX_DEVICE_BALLOON,
        .balloon = { .free_page_reporting = ABX_NO, .deflate_on_oom = ABX_NO, .target = memory, .minimum = memory }
    };
    assert_string_equal(faults_of(&device, 1), "");
    device.balloon = (abx_balloon_config){ ABX_BALLOON_AUTO, .target = memory + 1, .minimum = memory + 1 };
    assert_string_equal(faults_of(&device, 1),
                        "devices[0].balloon.policy: the balloon of backend qemu has no policy AUTO: MANUAL\n"
                        "devices[0].balloon.target: more than memory_size\n"
                        "devices[0].balloon.minimum: more than memory_size\n");
}

/* The root bus has 32 places, and the device of the consoles 31 ports, of which the first is not for names. */
static void test_numbers(void **state)
{
    (void)state;
    abx_device_config devices[24 + 30 + 2];
    for (size_t i = 0; i < 24; i++)
        devices[i] = (abx_device_config){ .kind = ABX_DEVICE_BLOCK };
    for (size_t i = 24; i < 24 + 31; i++)
        devices[i] = (abx_device_config){ .kind = ABX_DEVICE_CONSOLE };
    devices[24 + 31] = (abx_device_config){ .kind = ABX_DEVICE_ENTROPY };
    abx_console_port ports[6];
    for (size_t i = 0; i < 6; i++)
        ports[i] = (abx_console_port){ NULL, { -1, -1 } };
    abx_device_config many[6];
    for (size_t i = 0; i < 6; i++)
        many[i] = (abx_device_config){ ABX_DEVICE_CONSOLE, .console = { .ports = ports, .port_count = 6 } };
    many[0].console.ports_only = many[1].console.ports_only = true;
    many[4].console.port_count = 3;
    assert_string_equal(faults_of(many, 5), "");
    many[4].console.port_count = 4;
    assert_string_equal(faults_of(many, 5), "devices: more than 30 ports of virtio consoles\n");
    assert_string_equal(faults_of(devices, 24 + 30), "");
    assert_string_equal(faults_of(devices, 24 + 31), "devices: more than 30 ports of virtio consoles\n");
    assert_string_equal(faults_of(&devices[1], 23 + 32), "devices: more than 30 ports of virtio consoles\n");
    assert_string_equal(faults_of(devices, 24 + 32),
                        "devices: more than 30 ports of virtio consoles\ndevices: more than 24 virtio devices\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),   cmocka_unit_test(test_networks), cmocka_unit_test(test_consoles),
        cmocka_unit_test(test_balloons), cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
