/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Virtio devices on real QEMU: it takes each of them, and what is wrong with an image is an error of ours. */
#include "qemu_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

static char image[] = "/tmp/abx-image-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(image);
    return fd < 0 || ftruncate(fd, 8 * SECTOR) != 0 || close(fd) != 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(image);
}

static abx_device_config disk(const char *path, bool read_only)
{
    return (abx_device_config){ ABX_DEVICE_BLOCK, .block = { .path = path, .read_only = read_only } };
}

static abx_status create(qemu_rig *rig, abx_vm **vm, const abx_device_config *devices, size_t count)
{
    abx_vm_config config = qemu_rig_config(rig, "h");
    config.devices = devices;
    config.device_count = count;
    return abx_vm_create(vm, rig->hypervisor, &config);
}

static void test_it_takes_every_device(void **state)
{
    (void)state;
    qemu_rig rig;
    int pair[2];
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
    const abx_serial_config console = { -1, rig.output[1] };
    const abx_console_port ports[] = { { "a,b", console }, { "org.example", { -1, -1 } }, { NULL, console } };
    const abx_device_config devices[] = {
        { ABX_DEVICE_BLOCK, .block = { .path = image, .serial = "a,b", .sync = ABX_SYNC_NONE } },
        { ABX_DEVICE_CONSOLE, .console = { .ports_only = true, .ports = ports, .port_count = 3 } },
        { ABX_DEVICE_CONSOLE, .serial = console },
        { ABX_DEVICE_CONSOLE, .serial = console },
        { .kind = ABX_DEVICE_ENTROPY },
        { .kind = ABX_DEVICE_BALLOON },
        { ABX_DEVICE_NET, .net = { .kind = ABX_NET_DATAGRAM, .fd = pair[0], .mtu = 9000 } },
        { ABX_DEVICE_SERIAL, .serial = console },
    };
    assert_ok(create(&rig, &rig.vm, devices, sizeof(devices) / sizeof(devices[0])));
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "hello\n");
    close(pair[0]);
    close(pair[1]);
    qemu_rig_close(&rig);
}

static void test_output_that_has_nobody(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_create(&rig, "h");
    close(rig.output[0]);
    assert_ok(abx_vm_start(rig.vm));
    abx_event event = qemu_rig_wait(&rig, ABX_EVENT_DEVICE_FAILED);
    assert_int_equal(event.code, EPIPE);
    assert_string_equal(event.text, "serial port: output: Broken pipe");
    rig.output[0] = dup(rig.output[1]);
    qemu_rig_close(&rig);
}

/* Whether QEMU has a NAT of its own depends on how it was built. */
static void test_a_network_with_translation(void **state)
{
    (void)state;
    qemu_rig rig;
    const abx_device_config net = { ABX_DEVICE_NET, .net = { .kind = ABX_NET_NAT } };
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    abx_status status = create(&rig, &rig.vm, &net, 1);
    if (status != ABX_OK)
        assert_non_null(strstr(abx_last_error()->advice, "user"));
    qemu_rig_close(&rig);
}

static void test_images_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        off_t size;
        abx_status status;
    } cases[] = {
        { "/nonexistent/image", -1, ABX_ERR_NOT_FOUND },
        { "/tmp", -1, ABX_ERR_FORMAT },
        { "/dev/zero", -1, ABX_ERR_FORMAT },
        { image, 0, ABX_ERR_FORMAT },
        { image, SECTOR + 1, ABX_ERR_FORMAT },
    };
    qemu_rig rig;
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const abx_device_config device = disk(cases[i].path, true);
        if (cases[i].size >= 0)
            assert_int_equal(truncate(cases[i].path, cases[i].size), 0);
        assert_status(create(&rig, &rig.vm, &device, 1), cases[i].status);
        assert_non_null(strstr(abx_last_error()->operation, cases[i].path));
    }
    assert_int_equal(truncate(image, 8 * SECTOR), 0);
    assert_int_equal(chmod(image, 0400), 0);
    const abx_device_config device = disk(image, false);
    if (geteuid() != 0)
        assert_status(create(&rig, &rig.vm, &device, 1), ABX_ERR_PERMISSION);
    assert_int_equal(chmod(image, 0600), 0);
    qemu_rig_close(&rig);
}

/* Any number may read an image, or one may write it. */
static void test_an_image_that_is_in_use(void **state)
{
    (void)state;
    qemu_rig rig;
    abx_vm *other = NULL;
    const abx_device_config reading = disk(image, true), writing = disk(image, false);
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    assert_ok(create(&rig, &rig.vm, &writing, 1));
    assert_status(create(&rig, &other, &writing, 1), ABX_ERR_BUSY);
    assert_non_null(strstr(abx_last_error()->message, image));
    assert_status(create(&rig, &other, &reading, 1), ABX_ERR_BUSY);
    abx_vm_destroy(rig.vm);
    assert_ok(create(&rig, &rig.vm, &reading, 1));
    assert_ok(create(&rig, &other, &reading, 1));
    abx_vm_destroy(other);
    qemu_rig_close(&rig);
}

static void test_a_balloon(void **state)
{
    (void)state;
    qemu_rig rig;
    uint64_t bytes = 0;
    const abx_device_config balloon = { .kind = ABX_DEVICE_BALLOON };
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    assert_ok(create(&rig, &rig.vm, &balloon, 1));
    assert_status(abx_balloon_set_target(rig.vm, 8u << 20), ABX_ERR_STATE);
    assert_ok(abx_vm_start(rig.vm));
    assert_ok(abx_balloon_get_target(rig.vm, &bytes));
    assert_int_equal(bytes, 16u << 20);
    assert_ok(abx_balloon_set_target(rig.vm, (8u << 20) - 1));
    assert_ok(abx_balloon_get_target(rig.vm, &bytes));
    assert_int_equal(bytes, 8u << 20);
    assert_status(abx_balloon_set_target(rig.vm, (16u << 20) + 1), ABX_ERR_LIMIT);
    assert_ok(abx_vm_stop(rig.vm));
    assert_status(abx_balloon_set_target(rig.vm, 8u << 20), ABX_ERR_STATE);
    qemu_rig_close(&rig);
}

static void test_a_balloon_with_settings(void **state)
{
    (void)state;
    qemu_rig rig;
    uint64_t bytes = 0;
    const abx_device_config balloon = { ABX_DEVICE_BALLOON, .balloon = { .free_page_reporting = ABX_NO,
                                                                         .deflate_on_oom = ABX_NO,
                                                                         .target = (8u << 20) - 1,
                                                                         .minimum = 4u << 20 } };
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    assert_ok(create(&rig, &rig.vm, &balloon, 1));
    assert_ok(abx_vm_start(rig.vm));
    assert_ok(abx_balloon_get_target(rig.vm, &bytes));
    assert_int_equal(bytes, 8u << 20);
    assert_status(abx_balloon_set_target(rig.vm, (4u << 20) - 1), ABX_ERR_LIMIT);
    assert_ok(abx_balloon_set_target(rig.vm, 4u << 20));
    qemu_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_takes_every_device),      cmocka_unit_test(test_output_that_has_nobody),
        cmocka_unit_test(test_a_network_with_translation), cmocka_unit_test(test_images_that_are_none),
        cmocka_unit_test(test_an_image_that_is_in_use),    cmocka_unit_test(test_a_balloon),
        cmocka_unit_test(test_a_balloon_with_settings),
    };
    if (!qemu_is_there(ABX_ARCH_X86_64))
        return SKIPPED;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
