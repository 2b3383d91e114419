/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The creation of VMs, with every call that can fail failing in turn. */
#include "vz_walk.h"

#include <string.h>
#include <unistd.h>

static void add_share(rig *r, const char *tag, const abx_fs_share *shares, size_t count)
{
    rig_add(r, ABX_DEVICE_FS)->fs = (abx_fs_config){ .tag = tag, .shares = shares, .share_count = count };
}

static void add_network(rig *r, abx_net_config config)
{
    rig_add(r, ABX_DEVICE_NET)->net = config;
}

static void everything(rig *r)
{
    static const abx_fs_share single = { .path = "/tmp" };
    static const abx_fs_share several[] = { { .name = "a", .path = "/tmp" },
                                            { .name = "b", .path = "/", .read_only = true } };
    static const char disk[1024];
    static abx_console_port ports[] = { { .name = "log" }, { .ends = { -1, -1 } } };
    static char path[64];
    strcpy(path, rig_file(r, "disk", disk, sizeof disk));
    rig_add(r, ABX_DEVICE_CONSOLE)->serial = (abx_serial_config){ walk_console[0][0], walk_console[1][1] };
    ports[0].ends = (abx_serial_config){ walk_console[0][0], walk_console[1][1] };
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .serial = { -1, walk_console[1][1] }, .ports = ports, .port_count = 2 };
    rig_add(r, ABX_DEVICE_BLOCK)->block =
        (abx_block_config){ .path = path, .cache = ABX_CACHE_UNCACHED, .sync = ABX_SYNC_FSYNC, .serial = "disk-1" };
    add_network(r, (abx_net_config){ .kind = ABX_NET_NAT, .mac = { 2, 0, 0, 0, 0, 1 } });
    add_network(r, (abx_net_config){ .kind = ABX_NET_BRIDGED, .interface = "en1" });
    add_network(r, (abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = walk_frames[0], .mtu = 9000 });
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_BALLOON);
    add_share(r, "one", &single, 1);
    add_share(r, "two", several, 2);
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta =
        (abx_rosetta_config){ .tag = "rosetta", .cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = "/run/cache" };
    r->config.nested = ABX_YES;
}

static void creation(void **state)
{
    walk(*state, &(scenario){ .configure = everything, .act = walk_create, .least = 120 });
}

static void mute(rig *r)
{
    rig_add(r, ABX_DEVICE_CONSOLE);
}

static void creation_without_listener(void **state)
{
    walk(*state, &(scenario){ .configure = mute, .act = walk_create, .least = 10 });
}

static void efi(rig *r)
{
    static char path[64];
    strcpy(path, rig_path(r, "variables"));
    r->config.boot.kernel = NULL;
    r->config.boot.efi_variables = path;
}

/* The first creation makes the store. */
static void remove_variables(rig *r)
{
    unlink(r->config.boot.efi_variables);
}

static void creation_with_efi(void **state)
{
    walk(*state, &(scenario){ .configure = efi, .prepare = remove_variables, .act = walk_create, .least = 10 });
    walk(*state, &(scenario){ .act = walk_create, .least = 10 });
}

static void creation_with_identifier(void **state)
{
    walk(*state, &(scenario){ .configure = walk_old_identifier, .act = walk_create, .least = 10 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(creation),
        rig_test(creation_without_listener),
        rig_test(creation_with_efi),
        rig_test(creation_with_identifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
