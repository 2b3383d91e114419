/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 16 };

/* The faults of the configuration. */
typedef struct faults {
    abx_config_fault list[MOST];
    size_t count;
} faults;

static faults check(rig *r)
{
    faults found;
    rig_reopen(r);
    abx_status status = abx_vm_config_validate(&r->config, r->hypervisor, found.list, MOST, &found.count);
    assert_status(status, found.count ? ABX_ERR_CONFIG : ABX_OK);
    return found;
}

static void assert_fault(const faults *found, const char *field, const char *part)
{
    for (size_t i = 0; i < found->count && i < MOST; i++) {
        if (strcmp(found->list[i].field, field) == 0 && strstr(found->list[i].message, part))
            return;
    }
    fail_msg("no fault of %s with \"%s\" among %zu; first: %s: %s", field, part, found->count,
             found->count ? found->list[0].field : "", found->count ? found->list[0].message : "");
}

/* On a Mac of that version, and only before it, there is a fault of `field` that names the version. */
static void assert_since(rig *r, const char *field, int major, int minor)
{
    char version[16];
    snprintf(version, sizeof(version), "macOS %d.%d", major, minor);
    model.major = minor ? major : major - 1;
    model.minor = minor ? minor - 1 : 9;
    faults found = check(r);
    assert_fault(&found, field, version);
    model.major = major;
    model.minor = minor;
    found = check(r);
    for (size_t i = 0; i < found.count; i++)
        assert_string_not_equal(found.list[i].field, field);
}

static void the_usual_has_no_fault(void **state)
{
    assert_int_equal(check(*state).count, 0);
    model.major = 11;
    assert_int_equal(check(*state).count, 0);
}

static void memory_and_processors(void **state)
{
    rig *r = *state;
    model.cpu_limits[0] = 2;
    r->config.cpus = 1;
    r->config.memory_size = (UINT64_C(256) << 20) + 65536;
    r->config.memory_backing = ABX_BACKING_MEMFD;
    r->config.huge_pages = ABX_HUGE_2M;
    faults found = check(r);
    assert_fault(&found, "cpus", "2");
    assert_fault(&found, "memory_size", "1 MiB");
    assert_fault(&found, "memory_backing", "ANONYMOUS");
    assert_fault(&found, "huge_pages", "NONE");
    r->config.cpus = 9;
    r->config.memory_size = UINT64_C(1) << 40;
    found = check(r);
    assert_fault(&found, "cpus", "9 is more");
    assert_fault(&found, "memory_size", "is not between");
    r->config.memory_size = UINT64_C(1) << 20;
    found = check(r);
    assert_fault(&found, "memory_size", "is not between");
}

static void something_to_boot(void **state)
{
    rig *r = *state;
    r->config.boot.kernel = NULL;
    faults found = check(r);
    assert_fault(&found, "boot.kernel", "needs a Linux kernel");
    r->config.boot.efi_variables = "/tmp/efi";
    assert_int_equal(check(r).count, 0);
    assert_since(r, "boot.efi_variables", 13, 0);
}

static void identity_and_nesting(void **state)
{
    rig *r = *state;
    r->config.machine_id = "x";
    r->config.machine_id_size = 1;
    assert_since(r, "machine_id", 13, 0);
    r->config.nested = ABX_YES;
    assert_since(r, "nested", 15, 0);
}

static void disks(void **state)
{
    rig *r = *state;
    abx_block_config *block = &rig_add(r, ABX_DEVICE_BLOCK)->block;
    *block = (abx_block_config){ .path = "/disk", .cache = ABX_CACHE_CACHED };
    assert_since(r, "devices[0].block.cache", 12, 0);
    *block = (abx_block_config){ .path = "/disk", .sync = ABX_SYNC_NONE };
    assert_since(r, "devices[0].block.sync", 12, 0);
    *block = (abx_block_config){ .path = "/disk", .serial = "root" };
    assert_since(r, "devices[0].block.serial", 12, 3);
}

static void networks(void **state)
{
    rig *r = *state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    abx_net_config *net = &rig_add(r, ABX_DEVICE_NET)->net;
    *net = (abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = ends[0], .mtu = 1400 };
    faults found = check(r);
    assert_fault(&found, "devices[0].net.mtu", "less than 1500");
    net->mtu = 9000;
    assert_since(r, "devices[0].net.mtu", 13, 0);
    net->mtu = 1500;
    model.major = 11;
    assert_int_equal(check(r).count, 0);
    close(ends[0]);
    close(ends[1]);
    net->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    found = check(r);
    assert_fault(&found, "devices[0].net.fd", "no connected socket");
    close(net->fd);
}

static void shares(void **state)
{
    rig *r = *state;
    const abx_fs_share share = { .path = "/" };
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_FS)->fs = (abx_fs_config){ .tag = "home", .shares = &share, .share_count = 1 };
    assert_since(r, "devices[1].fs", 12, 0);
}

static void rosetta(void **state)
{
    rig *r = *state;
    abx_rosetta_config *config = &rig_add(r, ABX_DEVICE_ROSETTA)->rosetta;
    *config = (abx_rosetta_config){ .tag = "rosetta" };
    assert_since(r, "devices[0].rosetta", 13, 0);
    *config = (abx_rosetta_config){ .tag = "rosetta", .cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = "/run/r" };
    assert_since(r, "devices[0].rosetta.cache", 14, 0);
    model.intel = true;
    faults found = check(r);
    assert_fault(&found, "devices[0].rosetta", "Apple silicon");
}

static void consoles(void **state)
{
    rig *r = *state;
    const abx_console_port port = { NULL, { -1, -1 } };
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .serial = { -1, -1 }, .ports = &port, .port_count = 1 };
    assert_since(r, "devices[0].console.ports", 13, 0);
    r->devices[0].console.port_count = 0;
    model.major = 11;
    assert_int_equal(check(r).count, 0);
}

static void balloons(void **state)
{
    rig *r = *state;
    abx_balloon_config *balloon = &rig_add(r, ABX_DEVICE_BALLOON)->balloon;
    assert_int_equal(check(r).count, 0);
    const abx_balloon_config settings[] = {
        { .policy = ABX_BALLOON_AUTO },   { .free_page_reporting = ABX_YES }, { .deflate_on_oom = ABX_NO },
        { .target = UINT64_C(64) << 20 }, { .minimum = UINT64_C(64) << 20 },
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        *balloon = settings[i];
        faults found = check(r);
        assert_fault(&found, "devices[0].balloon", "the balloon of backend vz has no settings");
    }
}

static void what_there_is_not(void **state)
{
    rig *r = *state;
    model.intel = true;
    rig_add(r, ABX_DEVICE_DEBUG_EXIT);
    faults found = check(r);
    assert_fault(&found, "devices[0]", "debug-exit");
}

static void a_list_that_is_not_there(void **state)
{
    rig *r = *state;
    r->config.devices = NULL;
    r->config.device_count = 1;
    faults found = check(r);
    assert_fault(&found, "devices", "NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(the_usual_has_no_fault),
        rig_test(memory_and_processors),
        rig_test(something_to_boot),
        rig_test(identity_and_nesting),
        rig_test(disks),
        rig_test(networks),
        rig_test(shares),
        rig_test(rosetta),
        rig_test(consoles),
        rig_test(balloons),
        rig_test(what_there_is_not),
        rig_test(a_list_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
