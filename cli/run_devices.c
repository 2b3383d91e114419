/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "report.h"
#include "run_devices_internal.h"
#include "values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(list) (list), sizeof(list) / sizeof((list)[0])

static bool is_full(const run_devices *devices, const char *name)
{
    if (devices->count + devices->share_count + devices->port_count < RUN_MAX_ADDED)
        return false;
    cli_complain("--%s: at most %d devices", name, RUN_MAX_ADDED);
    return true;
}

bool run_split(run_devices *devices, const char *name, const char *value, cli_suboptions *parts)
{
    if (is_full(devices, name) || !cli_split(name, value, parts))
        return false;
    devices->texts[devices->text_count++] = parts->text;
    return true;
}

bool run_refuse(const char *name, const cli_suboption *part)
{
    cli_complain("--%s: '%s%s%s' is not known", name, part->key, part->value ? "=" : "",
                 part->value ? part->value : "");
    return false;
}

static bool is_flag(const cli_suboption *part, const char *key)
{
    return !part->value && strcmp(part->key, key) == 0;
}

bool run_has_value(const cli_suboption *part, const char *key)
{
    return part->value && strcmp(part->key, key) == 0;
}

static bool take_disk_part(abx_block_config *block, const cli_suboption *part)
{
    static const char *const caches[] = { "auto", "cached", "uncached" };
    static const char *const syncs[] = { "full", "fsync", "none" };
    size_t index = 0;
    uint64_t queues = 0;
    bool good = true;
    if (is_flag(part, "ro")) {
        block->read_only = true;
    } else if (run_has_value(part, "cache")) {
        good = cli_word("disk", part->value, WORDS(caches), &index);
        block->cache = (abx_block_cache)index;
    } else if (run_has_value(part, "sync")) {
        good = cli_word("disk", part->value, WORDS(syncs), &index);
        block->sync = (abx_block_sync)index;
    } else if (run_has_value(part, "serial")) {
        block->serial = part->value;
    } else if (run_has_value(part, "queues")) {
        good = cli_number("disk", part->value, 1, 16, &queues);
        block->queues = (uint32_t)queues;
    } else {
        good = run_refuse("disk", part);
    }
    return good;
}

bool run_take_disk(run_devices *devices, const char *value)
{
    cli_suboptions parts;
    if (!run_split(devices, "disk", value, &parts))
        return false;
    abx_device_config device = { .kind = ABX_DEVICE_BLOCK, .block.path = parts.head };
    for (size_t i = 0; i < parts.count; i++) {
        if (!take_disk_part(&device.block, &parts.each[i]))
            return false;
    }
    devices->list[devices->count++] = device;
    return true;
}

/* Six pairs of hexadecimal digits. */
static bool parse_mac(const char *text, uint8_t mac[6])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t fresh[6] = { 0 };
    if (strlen(text) != 17)
        return false;
    for (size_t i = 0; i < 17; i++) {
        const char *digit = strchr(digits, tolower((unsigned char)text[i]));
        if (i % 3 == 2 ? text[i] != ':' : !digit)
            return false;
        if (i % 3 != 2)
            fresh[i / 3] = (uint8_t)(fresh[i / 3] << 4 | (digit - digits));
    }
    memcpy(mac, fresh, sizeof(fresh));
    return true;
}

static bool take_net_kind(abx_net_config *net, const char *head)
{
    uint64_t fd = 0;
    if (strcmp(head, "nat") == 0) {
        net->kind = ABX_NET_NAT;
    } else if (strncmp(head, "bridged:", 8) == 0 && head[8]) {
        net->kind = ABX_NET_BRIDGED;
        net->interface = head + 8;
    } else if (strncmp(head, "fd:", 3) == 0) {
        if (!cli_number("net", head + 3, 0, INT32_MAX, &fd))
            return false;
        net->kind = ABX_NET_DATAGRAM;
        net->fd = (int)fd;
    } else {
        cli_complain("--net: '%s' is none of nat, bridged:INTERFACE, fd:NUMBER", head);
        return false;
    }
    return true;
}

static bool take_net_part(abx_net_config *net, const cli_suboption *part)
{
    uint64_t mtu;
    if (run_has_value(part, "mac")) {
        if (parse_mac(part->value, net->mac))
            return true;
        cli_complain("--net: '%s' is not an address such as 02:00:00:12:34:56", part->value);
        return false;
    }
    if (!run_has_value(part, "mtu"))
        return run_refuse("net", part);
    if (!cli_number("net", part->value, 1, UINT32_MAX, &mtu))
        return false;
    net->mtu = (uint32_t)mtu;
    return true;
}

bool run_take_net(run_devices *devices, const char *value)
{
    cli_suboptions parts;
    abx_device_config device = { .kind = ABX_DEVICE_NET };
    if (!run_split(devices, "net", value, &parts) || !take_net_kind(&device.net, parts.head))
        return false;
    for (size_t i = 0; i < parts.count; i++) {
        if (!take_net_part(&device.net, &parts.each[i]))
            return false;
    }
    devices->list[devices->count++] = device;
    return true;
}

/* TAG=PATH or TAG/NAME=PATH. The text is the request's own. */
bool run_take_share(run_devices *devices, const char *value)
{
    cli_suboptions parts;
    if (!run_split(devices, "share", value, &parts))
        return false;
    char *tag = (char *)parts.head;
    char *equals = strchr(tag, '=');
    if (!equals || equals == tag || !equals[1]) {
        cli_complain("--share: '%s' is not TAG=FOLDER or TAG/NAME=FOLDER", value);
        return false;
    }
    *equals = '\0';
    run_share fresh = { .tag = tag, .share.path = equals + 1 };
    char *slash = strchr(tag, '/');
    if (slash) {
        *slash = '\0';
        fresh.share.name = slash + 1;
    }
    for (size_t i = 0; i < parts.count; i++) {
        if (!is_flag(&parts.each[i], "ro"))
            return run_refuse("share", &parts.each[i]);
        fresh.share.read_only = true;
    }
    devices->shares[devices->share_count++] = fresh;
    return true;
}

static bool take_rosetta_cache(abx_rosetta_config *rosetta, const char *cache)
{
    if (strncmp(cache, "unix:", 5) == 0)
        rosetta->cache = ABX_ROSETTA_CACHE_UNIX;
    else if (strncmp(cache, "abstract:", 9) == 0)
        rosetta->cache = ABX_ROSETTA_CACHE_ABSTRACT;
    if (rosetta->cache == ABX_ROSETTA_CACHE_NONE) {
        cli_complain("--rosetta: '%s' is none of unix:PATH, abstract:NAME", cache);
        return false;
    }
    rosetta->cache_address = strchr(cache, ':') + 1;
    return true;
}

bool run_take_rosetta(run_devices *devices, const char *value)
{
    cli_suboptions parts;
    if (!run_split(devices, "rosetta", value, &parts))
        return false;
    abx_device_config device = { .kind = ABX_DEVICE_ROSETTA, .rosetta.tag = parts.head };
    for (size_t i = 0; i < parts.count; i++) {
        if (!run_has_value(&parts.each[i], "cache"))
            return run_refuse("rosetta", &parts.each[i]);
        if (!take_rosetta_cache(&device.rosetta, parts.each[i].value))
            return false;
    }
    devices->list[devices->count++] = device;
    return true;
}

static bool take_balloon_part(abx_balloon_config *balloon, const cli_suboption *part)
{
    if (is_flag(part, "auto"))
        balloon->policy = ABX_BALLOON_AUTO;
    else if (is_flag(part, "no-reporting"))
        balloon->free_page_reporting = ABX_NO;
    else if (is_flag(part, "no-deflate"))
        balloon->deflate_on_oom = ABX_NO;
    else if (run_has_value(part, "target"))
        return cli_size("balloon", part->value, &balloon->target);
    else if (run_has_value(part, "min"))
        return cli_size("balloon", part->value, &balloon->minimum);
    else
        return run_refuse("balloon", part);
    return true;
}

/* There is no head: all parts are alike. The text is the request's own. */
bool run_take_balloon(run_devices *devices, const char *value)
{
    cli_suboptions parts;
    abx_device_config device = { .kind = ABX_DEVICE_BALLOON };
    if (!value)
        return run_take_plain(devices, "balloon", ABX_DEVICE_BALLOON);
    if (!run_split(devices, "balloon", value, &parts))
        return false;
    char *equals = strchr((char *)parts.head, '=');
    const cli_suboption first = { parts.head, equals ? equals + 1 : NULL };
    if (equals)
        *equals = '\0';
    if (!take_balloon_part(&device.balloon, &first))
        return false;
    for (size_t i = 0; i < parts.count; i++) {
        if (!take_balloon_part(&device.balloon, &parts.each[i]))
            return false;
    }
    devices->list[devices->count++] = device;
    return true;
}

bool run_take_plain(run_devices *devices, const char *name, abx_device_kind kind)
{
    for (size_t i = 0; i < devices->count; i++) {
        if (devices->list[i].kind == kind)
            return true;
    }
    if (is_full(devices, name))
        return false;
    devices->list[devices->count++] = (abx_device_config){ .kind = kind };
    return true;
}

/* The shares of one tag, side by side. Those that have been put together lose their tag. */
static abx_fs_config group_shares(run_devices *devices, size_t first, size_t *grouped)
{
    const char *tag = devices->shares[first].tag;
    abx_fs_config fs = { .tag = tag, .shares = &devices->grouped[*grouped] };
    for (size_t i = first; i < devices->share_count; i++) {
        run_share *share = &devices->shares[i];
        if (!share->tag || strcmp(share->tag, tag) != 0)
            continue;
        devices->grouped[(*grouped)++] = share->share;
        share->tag = NULL;
        fs.share_count++;
    }
    return fs;
}

size_t run_devices_finish(run_devices *devices, abx_device_config *list)
{
    size_t count = devices->count, grouped = 0;
    memcpy(list, devices->list, count * sizeof(*list));
    for (size_t i = 0; i < devices->share_count; i++) {
        if (devices->shares[i].tag)
            list[count++] = (abx_device_config){ ABX_DEVICE_FS, .fs = group_shares(devices, i, &grouped) };
    }
    if (devices->port_count > 0)
        list[count++] = run_ports_device(devices);
    return count;
}

void run_devices_free(run_devices *devices)
{
    run_ports_close(devices);
    while (devices->text_count > 0)
        free(devices->texts[--devices->text_count]);
}
