/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "device_check.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static abx_hypervisor *managed;
static int sockets[2]; /* of datagrams */
static int ends[2];    /* of a pipe */

static int set_up(void **state)
{
    (void)state;
    fake_log_reset();
    return abx_hypervisor_open(&managed, "qemu", &fake_managed_options) || pipe2(ends, O_CLOEXEC) != 0 ||
           socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    abx_hypervisor_close(managed);
    for (int i = 0; i < 2; i++) {
        close(sockets[i]);
        close(ends[i]);
    }
    return 0;
}

/* The faulty fields without "devices", each followed by a space. */
static const char *faults_of(const abx_device_config *devices, size_t count, const abx_hypervisor *hypervisor)
{
    static char text[1024];
    abx_config_fault faults[24];
    abx_config_report report = { .faults = faults, .capacity = 24 };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.devices = devices;
    config.device_count = count;
    abx_devices_check(&config, hypervisor, &report);
    assert_in_range(report.count, 0, 24);
    text[0] = '\0';
    for (size_t i = 0; i < report.count; i++) {
        assert_int_equal(strncmp(faults[i].field, "devices", 7), 0);
        assert_int_not_equal(strlen(faults[i].message), 0);
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s ", faults[i].field + 7);
    }
    return text;
}

#define FAULTS(...)                                                                                                    \
    faults_of((const abx_device_config[]){ __VA_ARGS__ },                                                              \
              sizeof((const abx_device_config[]){ __VA_ARGS__ }) / sizeof(abx_device_config), managed)

#define BLOCK(...)                                                                                                     \
    {                                                                                                                  \
        .kind = ABX_DEVICE_BLOCK, .block = {.path = "disk", __VA_ARGS__ }                                              \
    }
#define NET(...)                                                                                                       \
    {                                                                                                                  \
        .kind = ABX_DEVICE_NET, .net = { __VA_ARGS__ }                                                                 \
    }
#define ROSETTA(...)                                                                                                   \
    {                                                                                                                  \
        .kind = ABX_DEVICE_ROSETTA, .rosetta = {.tag = "x", __VA_ARGS__ }                                              \
    }

static void a_full_list_is_fine(void **state)
{
    (void)state;
    const abx_fs_share single = { NULL, "/", true };
    const abx_fs_share several[] = { { "a", "/a", false }, { "b", "/b", false } };
    assert_string_equal(
        FAULTS({ ABX_DEVICE_SERIAL, .serial = { ends[0], ends[1] } }, { .kind = ABX_DEVICE_I8042 },
               { .kind = ABX_DEVICE_RTC }, { .kind = ABX_DEVICE_PVPANIC }, { .kind = ABX_DEVICE_POWER_BUTTON },
               BLOCK(.serial = "12345678901234567890"), BLOCK(.read_only = true, .sync = ABX_SYNC_NONE), NET(0), NET(0),
               NET(.kind = ABX_NET_BRIDGED, .interface = "en0", .mac = { 2, 0, 0, 0, 0, 1 }),
               NET(.kind = ABX_NET_DATAGRAM, .fd = sockets[0], .mtu = 65535), { .kind = ABX_DEVICE_VSOCK },
               { ABX_DEVICE_CONSOLE, .serial = { -1, -1 } }, { ABX_DEVICE_CONSOLE, .serial = { -1, ends[1] } },
               { .kind = ABX_DEVICE_ENTROPY }, { .kind = ABX_DEVICE_BALLOON },
               { ABX_DEVICE_FS, .fs = { "one", &single, 1 } }, { ABX_DEVICE_FS, .fs = { "two", several, 2 } },
               ROSETTA(.cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = "/run/socket")),
        "");
    assert_string_equal(faults_of(NULL, 0, managed), "");
}

static void lists_and_kinds(void **state)
{
    (void)state;
    const abx_device_config vsock = { .kind = ABX_DEVICE_VSOCK };
    abx_hypervisor *manual;
    assert_string_equal(faults_of(NULL, 3, managed), " ");
    assert_string_equal(FAULTS({ .kind = ABX_DEVICE_NONE }, { .kind = (abx_device_kind)1000 }), "[0].kind [1].kind ");
    assert_string_equal(FAULTS(vsock, { .kind = ABX_DEVICE_RTC }, vsock, vsock), "[2] [3] ");
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&manual, "fake", &fake_manual_options), ABX_OK);
    assert_string_equal(faults_of(&vsock, 1, manual), " ");
    abx_hypervisor_close(manual);
}

static void descriptors_fit_their_use(void **state)
{
    (void)state;
    assert_string_equal(FAULTS({ ABX_DEVICE_SERIAL, .serial = { ends[1], ends[0] } }),
                        "[0].serial.input_fd [0].serial.output_fd ");
    assert_string_equal(FAULTS({ ABX_DEVICE_CONSOLE, .console.serial = { -2, 99999 } }),
                        "[0].console.serial.input_fd [0].console.serial.output_fd ");
    assert_string_equal(FAULTS(NET(.kind = ABX_NET_DATAGRAM, .fd = ends[0])), "[0].net.fd ");
    assert_string_equal(FAULTS(NET(.kind = ABX_NET_DATAGRAM, .fd = -1)), "[0].net.fd ");
}

#define PORTS(...)                                                                                                     \
    (const abx_console_port[])                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

static const char *faults_of_ports(const abx_console_port *ports, size_t count, const abx_hypervisor *hypervisor)
{
    const abx_device_config console = { ABX_DEVICE_CONSOLE,
                                        .console = { .ports_only = true, .ports = ports, .port_count = count } };
    return faults_of(&console, 1, hypervisor);
}

static void ports_of_consoles(void **state)
{
    (void)state;
    char longest[65] = "";
    memset(longest, 'x', 63);
    const abx_console_port *good = PORTS({ longest, { ends[0], ends[1] } }, { NULL, { -1, -1 } }, { NULL, { -1, -1 } });
    assert_string_equal(faults_of_ports(good, 3, NULL), "");
    assert_string_equal(faults_of_ports(good, 3, managed), "");
    assert_string_equal(faults_of_ports(good, 0, NULL), "[0].console.ports_only ");
    assert_string_equal(faults_of_ports(good, 7, NULL), "[0].console.port_count ");
    assert_string_equal(faults_of_ports(NULL, 1, NULL), "[0].console.ports ");
    longest[63] = 'x';
    const abx_console_port *bad = PORTS({ longest, { -1, -1 } }, { "", { -1, -1 } }, { "a/b", { -1, -1 } },
                                        { "a b", { -1, -1 } }, { "ok", { ends[1], -1 } }, { "ok", { -1, ends[0] } });
    assert_string_equal(faults_of_ports(bad, 6, NULL),
                        "[0].console.ports[0].name [0].console.ports[1].name [0].console.ports[2].name "
                        "[0].console.ports[3].name [0].console.ports[4].ends.input_fd "
                        "[0].console.ports[5].ends.output_fd [0].console.ports[5].name ");
}

static void disks(void **state)
{
    (void)state;
    assert_string_equal(FAULTS({ .kind = ABX_DEVICE_BLOCK }), "[0].block.path ");
    assert_string_equal(FAULTS({ .kind = ABX_DEVICE_BLOCK, .block.path = "" }), "[0].block.path ");
    assert_string_equal(FAULTS(BLOCK(.cache = (abx_block_cache)3, .sync = (abx_block_sync)-1)),
                        "[0].block.cache [0].block.sync ");
    assert_string_equal(FAULTS(BLOCK(.serial = ""), BLOCK(.serial = "123456789012345678901"), BLOCK(.serial = "a b"),
                               BLOCK(.serial = "\303\244"), BLOCK(.queues = 17), BLOCK(.queues = 16)),
                        "[0].block.serial [1].block.serial [2].block.serial [3].block.serial [4].block.queues ");
}

static void networks(void **state)
{
    (void)state;
    assert_string_equal(FAULTS(NET(.kind = (abx_net_kind)3)), "[0].net.kind ");
    assert_string_equal(FAULTS(NET(.kind = ABX_NET_BRIDGED)), "[0].net.interface ");
    assert_string_equal(FAULTS(NET(.interface = "en0")), "[0].net.interface ");
    assert_string_equal(FAULTS(NET(.mac = { 1, 2, 3, 4, 5, 6 })), "[0].net.mac ");
    assert_string_equal(
        FAULTS(NET(.mac = { 2, 2, 3, 4, 5, 6 }), NET(.mac = { 2, 2, 3, 4, 5, 7 }), NET(.mac = { 2, 2, 3, 4, 5, 6 })),
        "[2].net.mac ");
    assert_string_equal(FAULTS(NET(.mtu = 1500), NET(.mtu = 1501)), "[1].net.mtu ");
    assert_string_equal(FAULTS(NET(.kind = ABX_NET_DATAGRAM, .fd = sockets[0], .mtu = 1279),
                               NET(.kind = ABX_NET_DATAGRAM, .fd = sockets[0], .mtu = 1280),
                               NET(.kind = ABX_NET_DATAGRAM, .fd = sockets[0], .mtu = 65536)),
                        "[0].net.mtu [2].net.mtu ");
}

static void shares(void **state)
{
    (void)state;
    char tag[37];
    memset(tag, 't', sizeof(tag));
    tag[36] = '\0';
    const abx_fs_share good = { NULL, "/", false };
    const abx_fs_share bad[] = { { NULL, NULL, false }, { "..", "/", false },  { "a/b", "/", false },
                                 { "", "/", false },    { "same", "", false }, { "same", "/", false } };
    assert_string_equal(FAULTS({ ABX_DEVICE_FS, .fs = { tag, &good, 1 } },
                               { ABX_DEVICE_FS, .fs = { tag + 1, &good, 1 } },
                               { ABX_DEVICE_FS, .fs = { "", &good, 1 } }, { ABX_DEVICE_FS, .fs = { NULL, &good, 1 } }),
                        "[0].fs.tag [2].fs.tag [3].fs.tag ");
    assert_string_equal(FAULTS({ ABX_DEVICE_FS, .fs = { "x", &good, 1 } }, ROSETTA(0)), "[1].rosetta.tag ");
    assert_string_equal(FAULTS({ ABX_DEVICE_FS, .fs = { "x", NULL, 1 } }, { ABX_DEVICE_FS, .fs = { "y", &good, 0 } }),
                        "[0].fs.shares [1].fs.shares ");
    assert_string_equal(FAULTS({ ABX_DEVICE_FS, .fs = { "x", bad, 6 } }),
                        "[0].fs.shares[0].path [0].fs.shares[0].name [0].fs.shares[1].name [0].fs.shares[2].name "
                        "[0].fs.shares[3].name [0].fs.shares[4].path [0].fs.shares[5].name ");
}

static void translators(void **state)
{
    (void)state;
    assert_string_equal(FAULTS(ROSETTA(.cache = (abx_rosetta_cache)9)), "[0].rosetta.cache ");
    assert_string_equal(FAULTS(ROSETTA(.cache_address = "name")), "[0].rosetta.cache_address ");
    assert_string_equal(FAULTS(ROSETTA(.cache = ABX_ROSETTA_CACHE_ABSTRACT)), "[0].rosetta.cache_address ");
}

static void balloons(void **state)
{
    (void)state;
    assert_string_equal(FAULTS({ .kind = ABX_DEVICE_BALLOON, .balloon.policy = (abx_balloon_mode)2 }),
                        "[0].balloon.policy ");
    const abx_device_config wrong = { .kind = ABX_DEVICE_BALLOON,
                                      .balloon = { .policy = ABX_BALLOON_AUTO,
                                                   .free_page_reporting = (abx_choice)3,
                                                   .deflate_on_oom = ABX_NO,
                                                   .target = 1,
                                                   .minimum = 2 } };
    assert_string_equal(faults_of(&wrong, 1, NULL),
                        "[0].balloon.free_page_reporting [0].balloon.deflate_on_oom [0].balloon.target ");
    const abx_device_config set = { .kind = ABX_DEVICE_BALLOON, .balloon.free_page_reporting = ABX_NO };
    assert_string_equal(faults_of(&set, 1, NULL), "");
    assert_string_equal(faults_of(&set, 1, managed), "");
}

static void what_managed_backends_cannot_bring(void **state)
{
    (void)state;
    assert_string_equal(FAULTS({ .kind = ABX_DEVICE_FW_CFG }), "[0] ");
    const abx_device_config ports[] = { { ABX_DEVICE_DEBUG_EXIT, .debug_exit.port = 0x501 } };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_config_fault fault;
    abx_config_report report = { .faults = &fault, .capacity = 1 };
    config.devices = ports;
    config.device_count = 1;
    config.arch = ABX_ARCH_X86_64;
    abx_devices_check(&config, managed, &report);
    assert_string_equal(fault.field, "devices[0].debug_exit.port");
    config.arch = ABX_ARCH_ARM64;
    report.count = 0;
    abx_devices_check(&config, managed, &report);
    assert_int_equal(report.count, 1);
    assert_string_equal(fault.field, "devices[0]");
    report.count = 0;
    abx_devices_check(&config, NULL, &report);
    assert_int_equal(report.count, 0);
}

static void capabilities_are_asked(void **state)
{
    (void)state;
    abx_backend poor = fake_managed;
    poor.vsock_listen = NULL;
    poor.balloon_get_target = NULL;
    poor.rosetta_install = NULL;
    const abx_backend *const list[] = { &poor };
    const abx_hypervisor_options options = {
        .size = sizeof(options),
        .backends = list,
        .backend_count = 1,
    };
    abx_hypervisor *hypervisor;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &options), ABX_OK);
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_VSOCK }, { .kind = ABX_DEVICE_BALLOON }, ROSETTA(0) };
    assert_string_equal(faults_of(devices, 3, hypervisor), "[0] [1] [2] ");
    assert_string_equal(faults_of(devices, 3, NULL), "");
    abx_hypervisor_close(hypervisor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_list_is_fine),
        cmocka_unit_test(lists_and_kinds),
        cmocka_unit_test(descriptors_fit_their_use),
        cmocka_unit_test(ports_of_consoles),
        cmocka_unit_test(disks),
        cmocka_unit_test(networks),
        cmocka_unit_test(shares),
        cmocka_unit_test(translators),
        cmocka_unit_test(balloons),
        cmocka_unit_test(what_managed_backends_cannot_bring),
        cmocka_unit_test(capabilities_are_asked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
