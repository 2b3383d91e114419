/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static abx_vm_config complete(abx_arch arch)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.name = "test";
    config.arch = arch;
    config.cpus = 2;
    config.memory_size = 96u << 20;
    config.nested = ABX_NO;
    return config;
}

/* `fd` is that of every part. */
static abx_arguments build(const abx_vm_config *config, const char *accel, int fd)
{
    enum { MOST = 8 };
    int fds[MOST];
    abx_parts parts;
    assert_true(abx_parts_list(&parts, config));
    assert_in_range(parts.count, 0, MOST);
    for (size_t i = 0; i < MOST; i++)
        fds[i] = fd;
    abx_command_line_options options = { "/bin/qemu", accel, 7, &parts, fds };
    abx_arguments line;
    assert_ok(abx_command_line_build(&line, config, &options));
    abx_parts_free(&parts);
    assert_null(line.list[line.count]);
    assert_string_equal(line.list[0], "/bin/qemu");
    return line;
}

static bool has(const abx_arguments *line, const char *argument)
{
    for (size_t i = 1; i < line->count; i++) {
        if (strcmp(line->list[i], argument) == 0)
            return true;
    }
    return false;
}

/* Whether `option` is followed by `value`, anywhere. */
static bool has_pair(const abx_arguments *line, const char *option, const char *value)
{
    for (size_t i = 1; i + 1 < line->count; i++) {
        if (strcmp(line->list[i], option) == 0 && strcmp(line->list[i + 1], value) == 0)
            return true;
    }
    return false;
}

static bool mentions(const abx_arguments *line, const char *text)
{
    for (size_t i = 1; i < line->count; i++) {
        if (strstr(line->list[i], text))
            return true;
    }
    return false;
}

static void test_it_is_built_but_not_started(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_arguments line = build(&config, "tcg", -1);
    assert_true(has(&line, "-S"));
    assert_true(has(&line, "-nodefaults"));
    assert_true(has(&line, "-no-user-config"));
    assert_true(has_pair(&line, "-display", "none"));
    assert_true(has_pair(&line, "-name", "guest=test"));
    assert_true(has_pair(&line, "-smp", "2"));
    assert_true(has_pair(&line, "-m", "98304k"));
    abx_arguments_free(&line);
}

static void test_every_end_of_the_guest_ends_qemu(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_arguments line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-action", "reboot=shutdown,shutdown=poweroff,panic=shutdown"));
    abx_arguments_free(&line);
}

static void test_connections_go_by_descriptor(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    const abx_device_config serial = { .kind = ABX_DEVICE_SERIAL };
    config.devices = &serial;
    config.device_count = 1;
    abx_arguments line = build(&config, "tcg", 9);
    assert_true(has_pair(&line, "-chardev", "socket,id=qmp,fd=7"));
    assert_true(has_pair(&line, "-mon", "chardev=qmp,mode=control"));
    assert_true(has_pair(&line, "-chardev", "socket,id=console0,fd=9"));
    assert_true(has_pair(&line, "-serial", "chardev:console0"));
    abx_arguments_free(&line);

    line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-chardev", "null,id=console0"));
    abx_arguments_free(&line);

    config.device_count = 0;
    line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-chardev", "null,id=console"));
    assert_true(has_pair(&line, "-serial", "chardev:console"));
    abx_arguments_free(&line);
}

static void test_x86_64_machine(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_arguments line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "q35,accel=tcg"));
    assert_true(has_pair(&line, "-cpu", "Nehalem,rdrand=on"));
    assert_true(has_pair(&line, "-device", "pvpanic"));
    assert_true(has_pair(&line, "-global", "ICH9-LPC.disable_s3=1"));
    assert_false(mentions(&line, "isa-debug-exit"));
    abx_arguments_free(&line);

    const abx_device_config debug_exit = { .kind = ABX_DEVICE_DEBUG_EXIT };
    config.devices = &debug_exit;
    config.device_count = 1;
    line = build(&config, "kvm", -1);
    assert_true(mentions(&line, "q35,accel=kvm"));
    assert_true(has_pair(&line, "-cpu", "host,svm=off,vmx=off"));
    assert_true(has_pair(&line, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"));
    abx_arguments_free(&line);
}

static void test_arm64_machine(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_ARM64);
    abx_arguments line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-machine", "virt,accel=tcg,gic-version=max"));
    assert_true(has_pair(&line, "-cpu", "cortex-a72"));
    assert_true(has_pair(&line, "-device", "pvpanic-pci"));
    abx_arguments_free(&line);

    line = build(&config, "hvf", -1);
    assert_true(has_pair(&line, "-machine", "virt,accel=hvf"));
    assert_true(has_pair(&line, "-cpu", "host"));
    abx_arguments_free(&line);
}

static void test_nested_is_given_only_when_asked_for(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    config.nested = ABX_YES;
    abx_arguments line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "svm=on,npt=on"));
    abx_arguments_free(&line);
    line = build(&config, "kvm", -1);
    assert_true(has_pair(&line, "-cpu", "host"));
    abx_arguments_free(&line);

    config = complete(ABX_ARCH_ARM64);
    config.nested = ABX_YES;
    line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "virtualization=on"));
    abx_arguments_free(&line);
}

/* Each is an argument of its own that QEMU does not take apart: nothing in it has a meaning. */
static void test_boot_values_go_unchanged(void **state)
{
    (void)state;
    static const char *const odd[] = { "/a b/c,d=e,,f", "-S", "", "%s%n \"quoted\" \\ $(x) \xc3\xa4" };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        abx_vm_config config = complete(ABX_ARCH_X86_64);
        config.boot = (abx_boot_config){ .kernel = odd[i], .initrd = odd[i], .cmdline = odd[i] };
        abx_arguments line = build(&config, "tcg", -1);
        assert_true(has_pair(&line, "-kernel", odd[i]));
        assert_true(has_pair(&line, "-initrd", odd[i]));
        assert_true(has_pair(&line, "-append", odd[i]));
        abx_arguments_free(&line);
    }
}

static void test_nothing_to_boot_is_left_out(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_arguments line = build(&config, "tcg", -1);
    assert_false(has(&line, "-kernel"));
    assert_false(has(&line, "-initrd"));
    assert_false(has(&line, "-append"));
    abx_arguments_free(&line);
}

static void test_the_fullest_configuration_fits(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    const abx_device_config debug_exit = { .kind = ABX_DEVICE_DEBUG_EXIT };
    config.devices = &debug_exit;
    config.device_count = 1;
    config.nested = ABX_YES;
    config.cpus = UINT32_MAX;
    config.memory_size = UINT64_MAX;
    config.boot = (abx_boot_config){ "k", "i", "c", NULL };
    abx_arguments line = build(&config, "tcg", 2147483647);
    assert_true(has_pair(&line, "-m", "18014398509481983k"));
    abx_arguments_free(&line);
}

static abx_arguments build_devices(const abx_device_config *devices, size_t count)
{
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    config.devices = devices;
    config.device_count = count;
    return build(&config, "tcg", 9);
}

static void test_disks(void **state)
{
    (void)state;
    static const char path[] = "/not,mentioned";
    const abx_device_config devices[] = {
        { ABX_DEVICE_BLOCK, .block = { .path = path, .serial = "a,b" } },
        { ABX_DEVICE_BLOCK, .block = { .path = path,
                                       .read_only = true,
                                       .cache = ABX_CACHE_UNCACHED,
                                       .sync = ABX_SYNC_NONE,
                                       .queues = 3 } },
    };
    abx_arguments line = build_devices(devices, 2);
    assert_true(has_pair(&line, "-add-fd", "fd=9,set=0"));
    assert_true(
        has_pair(&line, "-blockdev",
                 "{\"driver\": \"raw\", \"node-name\": \"disk0\", \"read-only\": false, \"discard\": \"unmap\", "
                 "\"cache\": {\"direct\": false, \"no-flush\": false}, "
                 "\"file\": {\"driver\": \"file\", \"filename\": \"/dev/fdset/0\", \"read-only\": false}}"));
    assert_true(has_pair(&line, "-device", "virtio-blk-pci,drive=disk0,werror=report,rerror=report,serial=a,,b"));
    assert_true(has_pair(&line, "-add-fd", "fd=9,set=1"));
    assert_true(mentions(&line, "\"read-only\": true, \"discard\": \"unmap\", "
                                "\"cache\": {\"direct\": true, \"no-flush\": true}"));
    assert_true(has_pair(&line, "-device", "virtio-blk-pci,drive=disk1,werror=report,rerror=report,num-queues=3"));
    assert_false(mentions(&line, "mentioned"));
    abx_arguments_free(&line);
}

static void test_networks(void **state)
{
    (void)state;
    const abx_device_config devices[] = {
        { ABX_DEVICE_NET, .net = { .kind = ABX_NET_NAT, .mac = { 2, 0, 0, 0, 0, 0x1f } } },
        { ABX_DEVICE_NET, .net = { .kind = ABX_NET_DATAGRAM, .fd = 5, .mac = { 2, 0, 0, 0, 0, 1 }, .mtu = 9000 } },
    };
    abx_arguments line = build_devices(devices, 2);
    assert_true(has_pair(&line, "-netdev", "user,id=net0"));
    assert_true(has_pair(&line, "-device", "virtio-net-pci,netdev=net0,romfile=,mac=02:00:00:00:00:1f"));
    assert_true(has_pair(&line, "-netdev", "socket,id=net1,fd=9"));
    assert_true(has_pair(&line, "-device", "virtio-net-pci,netdev=net1,romfile=,mac=02:00:00:00:00:01,host_mtu=9000"));
    abx_arguments_free(&line);
}

/* A group's address, or one of a maker's, would be wrong; the same one twice would be useless. */
static void test_addresses_that_are_chosen(void **state)
{
    (void)state;
    static const char prefix[] = "virtio-net-pci,netdev=net0,romfile=,mac=";
    const abx_device_config device = { .kind = ABX_DEVICE_NET };
    char addresses[2][18] = { "", "" };
    for (size_t i = 0; i < 2; i++) {
        abx_arguments line = build_devices(&device, 1);
        for (size_t n = 0; n < line.count; n++) {
            if (strncmp(line.list[n], prefix, strlen(prefix)) == 0)
                snprintf(addresses[i], sizeof(addresses[i]), "%s", line.list[n] + strlen(prefix));
        }
        abx_arguments_free(&line);
        assert_int_equal(strlen(addresses[i]), 17);
        assert_int_equal(strtoul(addresses[i], NULL, 16) & 3, 2);
    }
    assert_string_not_equal(addresses[0], addresses[1]);
}

static void test_consoles_share_a_device(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_CONSOLE }, { .kind = ABX_DEVICE_CONSOLE } };
    abx_arguments line = build_devices(devices, 2);
    size_t buses = 0;
    for (size_t i = 0; i < line.count; i++)
        buses += strcmp(line.list[i], "virtio-serial-pci,id=consoles") == 0;
    assert_int_equal(buses, 1);
    assert_true(has_pair(&line, "-chardev", "socket,id=console1,fd=9"));
    assert_true(has_pair(&line, "-device", "virtconsole,bus=consoles.0,chardev=console0"));
    assert_true(has_pair(&line, "-device", "virtconsole,bus=consoles.0,chardev=console1"));
    abx_arguments_free(&line);
}

static void test_ports_are_numbered_over_all_consoles(void **state)
{
    (void)state;
    const abx_console_port ports[] = { { "a,b=c", { -1, -1 } }, { NULL, { -1, -1 } } };
    const abx_device_config devices[] = {
        { ABX_DEVICE_CONSOLE, .console = { .ports_only = true, .ports = ports, .port_count = 2 } },
        { ABX_DEVICE_BLOCK, .block.path = "x" },
        { ABX_DEVICE_CONSOLE, .console = { .ports = &ports[1], .port_count = 1 } },
    };
    abx_arguments line = build_devices(devices, 3);
    assert_true(has_pair(&line, "-chardev", "socket,id=console0,fd=9"));
    assert_true(has_pair(&line, "-device", "virtserialport,bus=consoles.0,chardev=console0,name=a,,b=c"));
    assert_true(has_pair(&line, "-device", "virtconsole,bus=consoles.0,chardev=console1"));
    assert_true(has_pair(&line, "-add-fd", "fd=9,set=2"));
    assert_true(has_pair(&line, "-device", "virtconsole,bus=consoles.0,chardev=console3"));
    assert_true(has_pair(&line, "-device", "virtconsole,bus=consoles.0,chardev=console4"));
    abx_arguments_free(&line);
}

static void test_entropy_and_balloon(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_ENTROPY }, { .kind = ABX_DEVICE_BALLOON } };
    abx_arguments line = build_devices(devices, 2);
    assert_true(has_pair(&line, "-object", "rng-builtin,id=random"));
    assert_true(has_pair(&line, "-device", "virtio-rng-pci,rng=random"));
    assert_true(has_pair(&line, "-device", "virtio-balloon-pci,id=balloon,deflate-on-oom=on,free-page-reporting=on"));
    abx_arguments_free(&line);

    const abx_balloon_config settings[] = { { .deflate_on_oom = ABX_NO, .free_page_reporting = ABX_YES },
                                            { .deflate_on_oom = ABX_YES, .free_page_reporting = ABX_NO } };
    const char *const expected[] = { "virtio-balloon-pci,id=balloon,deflate-on-oom=off,free-page-reporting=on",
                                     "virtio-balloon-pci,id=balloon,deflate-on-oom=on,free-page-reporting=off" };
    for (size_t i = 0; i < 2; i++) {
        const abx_device_config balloon = { ABX_DEVICE_BALLOON, .balloon = settings[i] };
        line = build_devices(&balloon, 1);
        assert_true(has_pair(&line, "-device", expected[i]));
        abx_arguments_free(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_built_but_not_started),
        cmocka_unit_test(test_every_end_of_the_guest_ends_qemu),
        cmocka_unit_test(test_connections_go_by_descriptor),
        cmocka_unit_test(test_x86_64_machine),
        cmocka_unit_test(test_arm64_machine),
        cmocka_unit_test(test_nested_is_given_only_when_asked_for),
        cmocka_unit_test(test_boot_values_go_unchanged),
        cmocka_unit_test(test_nothing_to_boot_is_left_out),
        cmocka_unit_test(test_the_fullest_configuration_fits),
        cmocka_unit_test(test_disks),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_addresses_that_are_chosen),
        cmocka_unit_test(test_consoles_share_a_device),
        cmocka_unit_test(test_ports_are_numbered_over_all_consoles),
        cmocka_unit_test(test_entropy_and_balloon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
