/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "run_devices.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static run_devices devices;
static abx_device_config list[RUN_MAX_ADDED];

static int set_up(void **state)
{
    (void)state;
    devices = (run_devices){ .count = 0 };
    memset(list, 0, sizeof(list));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_devices_free(&devices);
    return 0;
}

static void disks(void **state)
{
    (void)state;
    assert_true(run_take_disk(&devices, "one"));
    assert_true(run_take_disk(&devices, "tw,,o,ro,cache=uncached,sync=none,serial=42,queues=16"));
    assert_int_equal(run_devices_finish(&devices, list), 2);
    assert_int_equal(list[0].kind, ABX_DEVICE_BLOCK);
    assert_string_equal(list[0].block.path, "one");
    assert_false(list[0].block.read_only);
    assert_int_equal(list[0].block.cache, ABX_CACHE_AUTOMATIC);
    assert_int_equal(list[0].block.sync, ABX_SYNC_FULL);
    assert_null(list[0].block.serial);
    assert_int_equal(list[0].block.queues, 0);
    assert_string_equal(list[1].block.path, "tw,o");
    assert_true(list[1].block.read_only);
    assert_int_equal(list[1].block.cache, ABX_CACHE_UNCACHED);
    assert_int_equal(list[1].block.sync, ABX_SYNC_NONE);
    assert_string_equal(list[1].block.serial, "42");
    assert_int_equal(list[1].block.queues, 16);
}

static void balloons(void **state)
{
    (void)state;
    static const abx_balloon_config plain;
    assert_true(run_take_balloon(&devices, NULL));
    assert_true(run_take_balloon(&devices, "target=256M"));
    assert_true(run_take_balloon(&devices, "auto,min=1G,no-reporting"));
    assert_true(run_take_balloon(&devices, "min=1M,auto,target=2M"));
    assert_true(run_take_balloon(&devices, "no-deflate"));
    assert_int_equal(run_devices_finish(&devices, list), 5);
    assert_int_equal(list[0].kind, ABX_DEVICE_BALLOON);
    assert_memory_equal(&list[0].balloon, &plain, sizeof(plain));
    assert_int_equal(list[1].balloon.policy, ABX_BALLOON_MANUAL);
    assert_int_equal(list[1].balloon.target, 256 << 20);
    assert_int_equal(list[2].balloon.policy, ABX_BALLOON_AUTO);
    assert_int_equal(list[2].balloon.minimum, 1 << 30);
    assert_int_equal(list[2].balloon.free_page_reporting, ABX_NO);
    assert_int_equal(list[3].balloon.policy, ABX_BALLOON_AUTO);
    assert_int_equal(list[3].balloon.minimum, 1 << 20);
    assert_int_equal(list[3].balloon.target, 2 << 20);
    assert_int_equal(list[3].balloon.deflate_on_oom, ABX_DEFAULT);
    assert_int_equal(list[4].balloon.deflate_on_oom, ABX_NO);
    static const char *const wrong[] = { "",        "manual",      "auto=1", "target",
                                         "target=", "target=much", "auto,,", "min=1M,x" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(run_take_balloon(&devices, wrong[i]));
    assert_int_equal(devices.count, 5);
}

static void networks(void **state)
{
    (void)state;
    static const uint8_t mac[6] = { 0x02, 0x00, 0x00, 0xab, 0xCD, 0xef };
    assert_true(run_take_net(&devices, "nat"));
    assert_true(run_take_net(&devices, "bridged:en0,mac=02:00:00:ab:CD:ef"));
    assert_true(run_take_net(&devices, "fd:7,mtu=9000"));
    assert_int_equal(run_devices_finish(&devices, list), 3);
    assert_int_equal(list[0].net.kind, ABX_NET_NAT);
    assert_null(list[0].net.interface);
    assert_int_equal(list[1].net.kind, ABX_NET_BRIDGED);
    assert_string_equal(list[1].net.interface, "en0");
    assert_memory_equal(list[1].net.mac, mac, sizeof(mac));
    assert_int_equal(list[2].net.kind, ABX_NET_DATAGRAM);
    assert_int_equal(list[2].net.fd, 7);
    assert_int_equal(list[2].net.mtu, 9000);
}

/* Those of one tag are one device, in the order in which they came. */
static void shares(void **state)
{
    (void)state;
    assert_true(run_take_share(&devices, "many/a=/1"));
    assert_true(run_take_share(&devices, "single=/2=3,ro"));
    assert_true(run_take_share(&devices, "many/b=/4,ro"));
    assert_int_equal(run_devices_finish(&devices, list), 2);
    assert_string_equal(list[0].fs.tag, "many");
    assert_int_equal(list[0].fs.share_count, 2);
    assert_string_equal(list[0].fs.shares[0].name, "a");
    assert_string_equal(list[0].fs.shares[0].path, "/1");
    assert_false(list[0].fs.shares[0].read_only);
    assert_string_equal(list[0].fs.shares[1].name, "b");
    assert_true(list[0].fs.shares[1].read_only);
    assert_string_equal(list[1].fs.tag, "single");
    assert_int_equal(list[1].fs.share_count, 1);
    assert_null(list[1].fs.shares[0].name);
    assert_string_equal(list[1].fs.shares[0].path, "/2=3");
    assert_true(list[1].fs.shares[0].read_only);
}

static void translators(void **state)
{
    (void)state;
    assert_true(run_take_rosetta(&devices, "one"));
    assert_true(run_take_rosetta(&devices, "two,cache=unix:/run/a:b"));
    assert_true(run_take_rosetta(&devices, "three,cache=abstract:name"));
    assert_int_equal(run_devices_finish(&devices, list), 3);
    assert_int_equal(list[0].rosetta.cache, ABX_ROSETTA_CACHE_NONE);
    assert_null(list[0].rosetta.cache_address);
    assert_int_equal(list[1].rosetta.cache, ABX_ROSETTA_CACHE_UNIX);
    assert_string_equal(list[1].rosetta.cache_address, "/run/a:b");
    assert_int_equal(list[2].rosetta.cache, ABX_ROSETTA_CACHE_ABSTRACT);
    assert_string_equal(list[2].rosetta.cache_address, "name");
}

static void plain_ones_come_once(void **state)
{
    (void)state;
    assert_true(run_take_plain(&devices, "vsock", ABX_DEVICE_VSOCK));
    assert_true(run_take_plain(&devices, "rng", ABX_DEVICE_ENTROPY));
    assert_true(run_take_plain(&devices, "vsock", ABX_DEVICE_VSOCK));
    assert_int_equal(run_devices_finish(&devices, list), 2);
    assert_int_equal(list[0].kind, ABX_DEVICE_VSOCK);
    assert_int_equal(list[1].kind, ABX_DEVICE_ENTROPY);
}

static void what_is_wrong_adds_nothing(void **state)
{
    (void)state;
    assert_false(run_take_disk(&devices, "image,fast"));
    assert_false(run_take_net(&devices, "nat,mac=02-00-00-00-00-00"));
    assert_false(run_take_net(&devices, "nat,mac=02:00:00:00:00:001"));
    assert_false(run_take_net(&devices, "fd:-1"));
    assert_false(run_take_share(&devices, "=/"));
    assert_false(run_take_rosetta(&devices, "tag,cache"));
    assert_int_equal(run_devices_finish(&devices, list), 0);
}

static void ports(void **state)
{
    (void)state;
    char in[] = "/tmp/abx-port-XXXXXX", out[] = "/tmp/abx-port-XXXXXX", option[64];
    int fd = mkstemp(in), other = mkstemp(out);
    assert_true(fd >= 0 && other >= 0);
    assert_int_equal(write(other, "old", 3), 3);
    snprintf(option, sizeof(option), "org.a,in=%s,out=%s", in, out);
    assert_true(run_take_port(&devices, option));
    assert_true(run_take_port(&devices, "org.b,fd=2"));
    snprintf(option, sizeof(option), "org.c,out=%s", out);
    assert_true(run_take_port(&devices, option));
    assert_true(run_devices_open(&devices));
    assert_int_equal(run_devices_finish(&devices, list), 1);
    assert_int_equal(list[0].kind, ABX_DEVICE_CONSOLE);
    assert_true(list[0].console.ports_only);
    assert_int_equal(list[0].console.port_count, 3);
    const abx_console_port *open = list[0].console.ports;
    assert_string_equal(open[0].name, "org.a");
    assert_int_equal(fcntl(open[0].ends.input_fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    assert_int_equal(fcntl(open[0].ends.output_fd, F_GETFL) & O_ACCMODE, O_WRONLY);
    assert_int_equal(fcntl(open[0].ends.output_fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(lseek(other, 0, SEEK_END), 0); /* emptied */
    assert_int_equal(open[1].ends.input_fd, 2);
    assert_int_equal(open[1].ends.output_fd, 2);
    assert_int_equal(open[2].ends.input_fd, -1);
    int opened = open[2].ends.output_fd;
    run_devices_free(&devices);
    assert_int_equal(fcntl(opened, F_GETFD), -1);
    assert_true(fcntl(2, F_GETFD) >= 0);
    close(fd);
    close(other);
    unlink(in);
    unlink(out);
}

static void ports_that_are_wrong(void **state)
{
    (void)state;
    assert_false(run_take_port(&devices, "org.a"));
    assert_false(run_take_port(&devices, "org.a,fd=1,in=x"));
    assert_false(run_take_port(&devices, "org.a,fd=x"));
    assert_false(run_take_port(&devices, "org.a,what=x"));
    assert_int_equal(run_devices_finish(&devices, list), 0);
    assert_true(run_take_port(&devices, "org.a,in=/does/not/exist"));
    assert_false(run_devices_open(&devices));
    for (int i = 1; i < ABX_CONSOLE_MORE_PORTS; i++)
        assert_true(run_take_port(&devices, "org.a,fd=1"));
    assert_false(run_take_port(&devices, "org.a,fd=1"));
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    for (int i = 0; i < RUN_MAX_ADDED; i++)
        assert_true(i % 2 ? run_take_disk(&devices, "image") : run_take_share(&devices, "tag/name=/"));
    assert_false(run_take_disk(&devices, "image"));
    assert_false(run_take_share(&devices, "tag=/"));
    assert_false(run_take_plain(&devices, "rng", ABX_DEVICE_ENTROPY));
    assert_int_equal(run_devices_finish(&devices, list), RUN_MAX_ADDED / 2 + 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(disks),
        TEST(balloons),
        TEST(networks),
        TEST(shares),
        TEST(translators),
        TEST(plain_ones_come_once),
        TEST(ports),
        TEST(ports_that_are_wrong),
        TEST(what_is_wrong_adds_nothing),
        TEST(there_is_room_for_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
