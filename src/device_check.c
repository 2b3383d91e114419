/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_check.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The device that is looked at, and what is known of its backend. */
typedef struct subject {
    const abx_vm_config *config;
    const abx_capabilities *caps; /* NULL: any backend */
    const char *backend;
    abx_arch arch; /* of the guest, once the backend is known */
    size_t index;
    abx_config_report *report;
} subject;

/* `member` begins with a dot, or is empty: the device itself. */
static ABX_PRINTF(3, 4) void add(const subject *s, const char *member, const char *message, ...)
{
    char field[sizeof(((abx_config_fault *)NULL)->field)];
    char text[sizeof(((abx_config_fault *)NULL)->message)];
    va_list arguments;
    va_start(arguments, message);
    if (vsnprintf(text, sizeof(text), message, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    snprintf(field, sizeof(field), "devices[%zu]%s", s->index, member);
    abx_config_add_fault(s->report, field, "%s", text);
}

static const abx_device_config *device_of(const subject *s)
{
    return &s->config->devices[s->index];
}

static bool is_empty(const char *text)
{
    return !text || !*text;
}

/* The access mode of an open descriptor is `mode` or both. */
static bool has_mode(int fd, int mode)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && ((flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR);
}

/* `place` is that of the structure. */
static void check_ends(const subject *s, const char *place, const abx_serial_config *ends)
{
    char member[48];
    snprintf(member, sizeof(member), "%s.input_fd", place);
    if (ends->input_fd != -1 && !has_mode(ends->input_fd, O_RDONLY))
        add(s, member, "%d is not open for reading; -1 stands for none", ends->input_fd);
    snprintf(member, sizeof(member), "%s.output_fd", place);
    if (ends->output_fd != -1 && !has_mode(ends->output_fd, O_WRONLY))
        add(s, member, "%d is not open for writing; -1 stands for none", ends->output_fd);
}

static bool is_port_name(const char *text)
{
    enum { LONGEST = 63 };
    size_t length = 0;
    for (; text[length] > ' ' && text[length] <= '~' && text[length] != '/'; length++)
        ;
    return !text[length] && length >= 1 && length <= LONGEST;
}

static void check_port(const subject *s, size_t index)
{
    const abx_console_port *ports = device_of(s)->console.ports;
    char place[48];
    snprintf(place, sizeof(place), ".console.ports[%zu].ends", index);
    check_ends(s, place, &ports[index].ends);
    if (!ports[index].name)
        return;
    snprintf(place, sizeof(place), ".console.ports[%zu].name", index);
    if (!is_port_name(ports[index].name))
        add(s, place, "must be 1 to 63 printable ASCII characters without spaces and '/'");
    for (size_t i = 0; i < index; i++) {
        if (ports[i].name && strcmp(ports[i].name, ports[index].name) == 0)
            add(s, place, "ports[%zu] has the same", i);
    }
}

static void check_console(const subject *s)
{
    const abx_console_config *console = &device_of(s)->console;
    if (!console->ports_only)
        check_ends(s, ".console.serial", &console->serial);
    else if (console->port_count == 0)
        add(s, ".console.ports_only", "there are no ports");
    if (console->port_count > ABX_CONSOLE_MORE_PORTS)
        add(s, ".console.port_count", "%zu is more than %d", console->port_count, ABX_CONSOLE_MORE_PORTS);
    else if (console->port_count && !console->ports)
        add(s, ".console.ports", "NULL, but port_count is %zu", console->port_count);
    else
        for (size_t i = 0; i < console->port_count; i++)
            check_port(s, i);
}

static bool is_serial_number(const char *text)
{
    enum { LONGEST = 20 };
    size_t length = 0;
    for (; text[length] > ' ' && text[length] <= '~'; length++)
        ;
    return !text[length] && length >= 1 && length <= LONGEST;
}

static void check_block(const subject *s)
{
    const abx_block_config *block = &device_of(s)->block;
    if (is_empty(block->path))
        add(s, ".block.path", "there is none");
    if ((unsigned)block->cache > ABX_CACHE_UNCACHED)
        add(s, ".block.cache", "%d is no kind of caching", (int)block->cache);
    if ((unsigned)block->sync > ABX_SYNC_NONE)
        add(s, ".block.sync", "%d is no kind of synchronisation", (int)block->sync);
    if (block->queues > 16)
        add(s, ".block.queues", "%u is more than 16", block->queues);
    if (block->serial && !is_serial_number(block->serial))
        add(s, ".block.serial", "must be 1 to 20 printable ASCII characters without spaces");
}

static bool is_datagram_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

static bool is_chosen(const uint8_t mac[6])
{
    static const uint8_t none[6];
    return memcmp(mac, none, sizeof(none)) != 0;
}

static void check_mac(const subject *s)
{
    const uint8_t *mac = device_of(s)->net.mac;
    if (mac[0] & 1)
        add(s, ".net.mac", "%02x:… is a group's address: the first byte must be even", mac[0]);
    for (size_t i = 0; is_chosen(mac) && i < s->index; i++) {
        const abx_device_config *other = &s->config->devices[i];
        if (other->kind == ABX_DEVICE_NET && memcmp(other->net.mac, mac, sizeof(other->net.mac)) == 0)
            add(s, ".net.mac", "devices[%zu] has the same", i);
    }
}

static void check_mtu(const subject *s)
{
    enum { USUAL = 1500, LEAST = 1280, MOST = 65535 };
    const abx_net_config *net = &device_of(s)->net;
    if (net->mtu == 0 || net->mtu == USUAL)
        return;
    if (net->kind != ABX_NET_DATAGRAM)
        add(s, ".net.mtu", "only a DATAGRAM network has another than 1500");
    else if (net->mtu < LEAST || net->mtu > MOST)
        add(s, ".net.mtu", "%u is not between 1280 and 65535", net->mtu);
}

static void check_net(const subject *s)
{
    const abx_net_config *net = &device_of(s)->net;
    if ((unsigned)net->kind > ABX_NET_DATAGRAM)
        add(s, ".net.kind", "%d is no kind of network", (int)net->kind);
    if (net->kind == ABX_NET_BRIDGED && is_empty(net->interface))
        add(s, ".net.interface", "a BRIDGED network needs the host's interface");
    if (net->kind != ABX_NET_BRIDGED && net->interface)
        add(s, ".net.interface", "is for a BRIDGED network");
    if (net->kind == ABX_NET_DATAGRAM && !is_datagram_socket(net->fd))
        add(s, ".net.fd", "%d is no datagram socket", net->fd);
    check_mac(s);
    check_mtu(s);
}

static const char *tag_of(const abx_device_config *device)
{
    if (device->kind == ABX_DEVICE_FS)
        return device->fs.tag;
    return device->kind == ABX_DEVICE_ROSETTA ? device->rosetta.tag : NULL;
}

static void check_tag(const subject *s, const char *member)
{
    enum { LONGEST = 35 };
    const char *tag = tag_of(device_of(s));
    if (is_empty(tag) || strlen(tag) > LONGEST) {
        add(s, member, "must have 1 to 35 bytes");
        return;
    }
    for (size_t i = 0; i < s->index; i++) {
        const char *other = tag_of(&s->config->devices[i]);
        if (other && strcmp(other, tag) == 0)
            add(s, member, "devices[%zu] has the same", i);
    }
}

static bool is_folder_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= 255 && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void check_share(const subject *s, size_t index)
{
    const abx_fs_config *fs = &device_of(s)->fs;
    const abx_fs_share *share = &fs->shares[index];
    char member[40];
    if (is_empty(share->path)) {
        snprintf(member, sizeof(member), ".fs.shares[%zu].path", index);
        add(s, member, "there is none");
    }
    snprintf(member, sizeof(member), ".fs.shares[%zu].name", index);
    if (!share->name && fs->share_count > 1)
        add(s, member, "each of several shares needs one");
    if (!share->name)
        return;
    if (!is_folder_name(share->name))
        add(s, member, "must be a folder's name of 1 to 255 bytes");
    for (size_t i = 0; i < index; i++) {
        if (fs->shares[i].name && strcmp(fs->shares[i].name, share->name) == 0)
            add(s, member, "shares[%zu] has the same", i);
    }
}

static void check_fs(const subject *s)
{
    const abx_fs_config *fs = &device_of(s)->fs;
    check_tag(s, ".fs.tag");
    if (!fs->shares || fs->share_count == 0) {
        add(s, ".fs.shares", "there is none");
        return;
    }
    for (size_t i = 0; i < fs->share_count; i++)
        check_share(s, i);
}

static void check_rosetta(const subject *s)
{
    const abx_rosetta_config *rosetta = &device_of(s)->rosetta;
    check_tag(s, ".rosetta.tag");
    if ((unsigned)rosetta->cache > ABX_ROSETTA_CACHE_ABSTRACT)
        add(s, ".rosetta.cache", "%d is no kind of cache", (int)rosetta->cache);
    else if (rosetta->cache == ABX_ROSETTA_CACHE_NONE && rosetta->cache_address)
        add(s, ".rosetta.cache_address", "is for cache UNIX or ABSTRACT");
    else if (rosetta->cache != ABX_ROSETTA_CACHE_NONE && is_empty(rosetta->cache_address))
        add(s, ".rosetta.cache_address", "the cache needs one");
}

static void check_balloon(const subject *s)
{
    const abx_balloon_config *balloon = &device_of(s)->balloon;
    if ((unsigned)balloon->policy > ABX_BALLOON_AUTO)
        add(s, ".balloon.policy", "%d is no kind of policy", (int)balloon->policy);
    if ((unsigned)balloon->free_page_reporting > ABX_NO)
        add(s, ".balloon.free_page_reporting", "%d is no choice", (int)balloon->free_page_reporting);
    if ((unsigned)balloon->deflate_on_oom > ABX_NO)
        add(s, ".balloon.deflate_on_oom", "%d is no choice", (int)balloon->deflate_on_oom);
    if (balloon->policy == ABX_BALLOON_AUTO && balloon->deflate_on_oom == ABX_NO)
        add(s, ".balloon.deflate_on_oom", "policy AUTO needs it: a guest in need could not get memory back");
    if (balloon->target && balloon->target < balloon->minimum)
        add(s, ".balloon.target", "is less than minimum");
}

/* What every VM has as often as its list says; of all others it has one. */
static bool may_repeat(abx_device_kind kind)
{
    return kind == ABX_DEVICE_BLOCK || kind == ABX_DEVICE_NET || kind == ABX_DEVICE_CONSOLE || kind == ABX_DEVICE_FS;
}

static void check_repeated(const subject *s)
{
    abx_device_kind kind = device_of(s)->kind;
    for (size_t i = 0; !may_repeat(kind) && i < s->index; i++) {
        if (s->config->devices[i].kind == kind) {
            add(s, "", "devices[%zu] is of kind %s already: there is one at most", i, abx_device_kind_name(kind));
            return;
        }
    }
}

/* The capability that a kind stands on; ABX_CAP_COUNT: none, the backend says so itself. */
static abx_cap cap_of(abx_device_kind kind)
{
    switch (kind) {
    case ABX_DEVICE_VSOCK:
        return ABX_CAP_VSOCK;
    case ABX_DEVICE_BALLOON:
        return ABX_CAP_BALLOON;
    case ABX_DEVICE_FS:
        return ABX_CAP_FS_SHARE;
    case ABX_DEVICE_ROSETTA:
        return ABX_CAP_ROSETTA;
    default:
        return ABX_CAP_COUNT;
    }
}

/* What a managed backend, whichever it is, cannot bring. */
static void check_managed(const subject *s)
{
    enum { DEBUG_EXIT_PORT = 0xf4 };
    const abx_device_config *device = device_of(s);
    abx_cap cap = cap_of(device->kind);
    if (device->kind == ABX_DEVICE_FW_CFG || (cap != ABX_CAP_COUNT && !abx_capabilities_has(s->caps, cap)))
        add(s, "", "backend %s has no device of kind %s", s->backend, abx_device_kind_name(device->kind));
    if (device->kind == ABX_DEVICE_DEBUG_EXIT && s->arch != ABX_ARCH_X86_64)
        add(s, "", "only x86_64 guests have a device of kind debug-exit");
    else if (device->kind == ABX_DEVICE_DEBUG_EXIT && device->debug_exit.port &&
             device->debug_exit.port != DEBUG_EXIT_PORT)
        add(s, ".debug_exit.port", "on a managed backend it is 0xf4");
}

static void check_members(const subject *s)
{
    switch (device_of(s)->kind) {
    case ABX_DEVICE_SERIAL:
        check_ends(s, ".serial", &device_of(s)->serial);
        break;
    case ABX_DEVICE_CONSOLE:
        check_console(s);
        break;
    case ABX_DEVICE_BLOCK:
        check_block(s);
        break;
    case ABX_DEVICE_NET:
        check_net(s);
        break;
    case ABX_DEVICE_FS:
        check_fs(s);
        break;
    case ABX_DEVICE_ROSETTA:
        check_rosetta(s);
        break;
    case ABX_DEVICE_BALLOON:
        check_balloon(s);
        break;
    default:
        break;
    }
}

void abx_devices_check(const abx_vm_config *config, const abx_hypervisor *hypervisor, abx_config_report *report)
{
    subject s = { .config = config, .caps = abx_hypervisor_capabilities(hypervisor), .report = report };
    s.backend = abx_hypervisor_backend(hypervisor);
    s.arch = config->arch == ABX_ARCH_HOST ? abx_hypervisor_guest_arch(hypervisor) : config->arch;
    bool manual = abx_capabilities_has(s.caps, ABX_CAP_MANUAL);
    if (manual && config->device_count) {
        abx_config_add_fault(report, "devices", "backend %s has no devices: they are the VMM's", s.backend);
        return;
    }
    if (config->device_count && !config->devices) {
        abx_config_add_fault(report, "devices", "NULL, but device_count is %zu", config->device_count);
        return;
    }
    for (; s.index < config->device_count; s.index++) {
        if (!abx_device_kind_name(device_of(&s)->kind)) {
            add(&s, ".kind", "%d is no kind of device", (int)device_of(&s)->kind);
            continue;
        }
        check_repeated(&s);
        check_members(&s);
        if (hypervisor)
            check_managed(&s);
    }
}
