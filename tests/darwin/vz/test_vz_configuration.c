/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"

#include <stdio.h>

static void every_device_is_in_its_list(void **state)
{
    rig *r = *state;
    static const char sectors[512];
    char disk[64];
    snprintf(disk, sizeof(disk), "%s", rig_file(r, "disk", sectors, sizeof(sectors)));
    const abx_fs_share share = { .path = r->folder };
    const abx_console_port port = { NULL, { -1, -1 } };
    rig_add(r, ABX_DEVICE_SERIAL);
    rig_add(r, ABX_DEVICE_CONSOLE);
    rig_add(r, ABX_DEVICE_CONSOLE);
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .serial = { -1, -1 }, .ports = &port, .port_count = 1 };
    for (int i = 0; i < 2; i++)
        rig_add(r, ABX_DEVICE_BLOCK)->block = (abx_block_config){ .path = disk };
    rig_add(r, ABX_DEVICE_NET);
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_add(r, ABX_DEVICE_FS)->fs = (abx_fs_config){ .tag = "home", .shares = &share, .share_count = 1 };
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta = (abx_rosetta_config){ .tag = "rosetta" };
    rig_add(r, ABX_DEVICE_RTC);
    r->config.cpus = 3;

    static const struct {
        const char *list, *kind;
        uint64_t count;
    } lists[] = {
        { "serialPorts", "VZVirtioConsoleDeviceSerialPortConfiguration", 3 },
        { "consoleDevices", "VZVirtioConsoleDeviceConfiguration", 1 },
        { "storageDevices", "VZVirtioBlockDeviceConfiguration", 2 },
        { "networkDevices", "VZVirtioNetworkDeviceConfiguration", 1 },
        { "entropyDevices", "VZVirtioEntropyDeviceConfiguration", 1 },
        { "memoryBalloonDevices", "VZVirtioTraditionalMemoryBalloonDeviceConfiguration", 1 },
        { "socketDevices", "VZVirtioSocketDeviceConfiguration", 1 },
        { "directorySharingDevices", "VZVirtioFileSystemDeviceConfiguration", 2 },
    };
    id configuration, identifier;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(abx_vz_configuration_new(&configuration, &identifier, &r->config, NULL));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        id list = get_object(configuration, lists[i].list);
        assert_int_equal(get_number(list, "count"), lists[i].count);
        for (size_t n = 0; n < lists[i].count; n++)
            assert_true(is_kind(get_at(list, n), lists[i].kind));
    }
    assert_int_equal(get_number(configuration, "CPUCount"), 3);
    assert_int_equal(get_number(configuration, "memorySize"), UINT64_C(256) << 20);
    assert_non_null(get_object(configuration, "platform"));
    assert_non_null(identifier);
    objc_autoreleasePoolPop(pool);
}

static void a_machine_without_devices(void **state)
{
    rig *r = *state;
    id configuration, identifier;
    r->config.cpus = 1;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(abx_vz_configuration_new(&configuration, &identifier, &r->config, NULL));
    assert_int_equal(get_number(get_object(configuration, "serialPorts"), "count"), 0);
    objc_autoreleasePoolPop(pool);
}

static void what_the_framework_refuses(void **state)
{
    rig *r = *state;
    id configuration = NULL, identifier;
    r->config.cpus = 1;
    void *pool = objc_autoreleasePoolPush();
    model.entitled = false;
    assert_status(abx_vz_configuration_new(&configuration, &identifier, &r->config, NULL), ABX_ERR_PERMISSION);
    assert_message("codesign --entitlements");
    model.entitled = true;
    model.may_bridge = false;
    rig_add(r, ABX_DEVICE_NET)->net = (abx_net_config){ .kind = ABX_NET_BRIDGED, .interface = "en0" };
    assert_status(abx_vz_configuration_new(&configuration, &identifier, &r->config, NULL), ABX_ERR_PERMISSION);
    assert_null(configuration);
    objc_autoreleasePoolPop(pool);
}

static void a_faulty_device_ends_it(void **state)
{
    rig *r = *state;
    id configuration = NULL, identifier;
    rig_add(r, ABX_DEVICE_CONSOLE);
    rig_add(r, ABX_DEVICE_BLOCK)->block.path = "/nonexistent";
    void *pool = objc_autoreleasePoolPush();
    assert_status(abx_vz_configuration_new(&configuration, &identifier, &r->config, NULL), ABX_ERR_NOT_FOUND);
    assert_null(configuration);
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(every_device_is_in_its_list),
        rig_test(a_machine_without_devices),
        rig_test(what_the_framework_refuses),
        rig_test(a_faulty_device_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
