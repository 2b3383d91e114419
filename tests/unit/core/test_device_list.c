/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "device_list.h"

#include <stdlib.h>
#include <string.h>

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_null(abx_device_kind_name(ABX_DEVICE_NONE));
    assert_null(abx_device_kind_name((abx_device_kind)(ABX_DEVICE_ROSETTA + 1)));
    assert_null(abx_device_kind_name((abx_device_kind)-1));
    for (int i = ABX_DEVICE_SERIAL; i <= ABX_DEVICE_ROSETTA; i++) {
        assert_non_null(abx_device_kind_name((abx_device_kind)i));
        for (int j = ABX_DEVICE_SERIAL; j < i; j++)
            assert_string_not_equal(abx_device_kind_name((abx_device_kind)i), abx_device_kind_name((abx_device_kind)j));
    }
}

static void the_first_of_a_kind_is_found(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_RTC },
                                          { .kind = ABX_DEVICE_BLOCK, .block.path = "a" },
                                          { .kind = ABX_DEVICE_BLOCK, .block.path = "b" } };
    const abx_vm_config config = { .devices = devices, .device_count = 3 };
    const abx_vm_config none = { .devices = NULL };
    assert_ptr_equal(abx_devices_find(&config, ABX_DEVICE_BLOCK), &devices[1]);
    assert_null(abx_devices_find(&config, ABX_DEVICE_NET));
    assert_null(abx_devices_find(&none, ABX_DEVICE_RTC));
}

/* The texts of a list that is gone by the time its copy is looked at. */
static char *texts[32];
static size_t text_count;

static const char *gone(const char *text)
{
    texts[text_count] = strdup(text);
    assert_non_null(texts[text_count]);
    return texts[text_count++];
}

static void spoil_texts(void)
{
    while (text_count > 0) {
        char *text = texts[--text_count];
        memset(text, '!', strlen(text));
        free(text);
    }
}

static void all_that_a_list_points_to_is_copied(void **state)
{
    (void)state;
    abx_fw_cfg_file files[] = { { .name = gone("opt/a"), .data = gone("1234"), .length = 4 },
                                { .name = gone("opt/b"), .path = gone("/b") },
                                { .name = gone("opt/c"), .data = NULL } };
    abx_fs_share shares[] = { { gone("one"), gone("/1"), true }, { NULL, gone("/2"), false } };
    abx_console_port ports[] = { { gone("org.example.port"), { 3, 4 } }, { NULL, { 5, 6 } } };
    abx_device_config devices[] = {
        { ABX_DEVICE_SERIAL, .serial = { 7, 8 } },
        { ABX_DEVICE_FW_CFG, .fw_cfg = { files, 3 } },
        { ABX_DEVICE_BLOCK, .block = { gone("disk"), true, ABX_CACHE_CACHED, ABX_SYNC_NONE, gone("number") } },
        { ABX_DEVICE_NET, .net = { ABX_NET_BRIDGED, gone("en0"), -1, { 2, 0, 0, 0, 0, 9 }, 1500 } },
        { ABX_DEVICE_CONSOLE, .console = { .serial = { -1, 9 }, .ports = ports, .port_count = 2 } },
        { ABX_DEVICE_FS, .fs = { gone("tag"), shares, 2 } },
        { ABX_DEVICE_ROSETTA, .rosetta = { gone("rosetta"), ABX_ROSETTA_CACHE_UNIX, gone("/run/cache") } },
        { .kind = ABX_DEVICE_VSOCK },
    };
    const size_t count = sizeof(devices) / sizeof(devices[0]);
    abx_device_config *copy = abx_devices_copy(devices, count);
    assert_non_null(copy);
    spoil_texts();
    memset(files, 0xff, sizeof(files));
    memset(shares, 0xff, sizeof(shares));
    memset(ports, 0xff, sizeof(ports));
    memset(devices, 0xff, sizeof(devices));

    assert_int_equal(copy[0].serial.output_fd, 8);
    assert_int_equal(copy[1].fw_cfg.count, 3);
    assert_string_equal(copy[1].fw_cfg.files[0].name, "opt/a");
    assert_memory_equal(copy[1].fw_cfg.files[0].data, "1234", 4);
    assert_null(copy[1].fw_cfg.files[0].path);
    assert_string_equal(copy[1].fw_cfg.files[1].path, "/b");
    assert_null(copy[1].fw_cfg.files[2].data);
    assert_string_equal(copy[2].block.path, "disk");
    assert_string_equal(copy[2].block.serial, "number");
    assert_true(copy[2].block.read_only);
    assert_int_equal(copy[2].block.sync, ABX_SYNC_NONE);
    assert_string_equal(copy[3].net.interface, "en0");
    assert_int_equal(copy[3].net.mac[5], 9);
    assert_int_equal(copy[4].console.serial.output_fd, 9);
    assert_string_equal(copy[4].console.ports[0].name, "org.example.port");
    assert_int_equal(copy[4].console.ports[0].ends.output_fd, 4);
    assert_null(copy[4].console.ports[1].name);
    assert_string_equal(copy[5].fs.tag, "tag");
    assert_string_equal(copy[5].fs.shares[0].name, "one");
    assert_string_equal(copy[5].fs.shares[0].path, "/1");
    assert_true(copy[5].fs.shares[0].read_only);
    assert_null(copy[5].fs.shares[1].name);
    assert_string_equal(copy[5].fs.shares[1].path, "/2");
    assert_string_equal(copy[6].rosetta.cache_address, "/run/cache");
    assert_int_equal(copy[7].kind, ABX_DEVICE_VSOCK);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(the_first_of_a_kind_is_found),
        cmocka_unit_test(all_that_a_list_points_to_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
