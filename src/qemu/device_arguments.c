/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_arguments.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* What is being described. */
typedef struct subject {
    abx_arguments *arguments;
    const abx_part *part;
    const abx_device_config *device;
    size_t index;
    int fd; /* -1: none */
} subject;

/* A relay's socket, or nobody. */
static void add_chardev(abx_arguments *arguments, size_t index, int fd)
{
    abx_arguments_add(arguments, "-chardev");
    if (fd >= 0)
        abx_arguments_add(arguments, "socket,id=console%zu,fd=%d", index, fd);
    else
        abx_arguments_add(arguments, "null,id=console%zu", index);
}

static void add_serial(const subject *s)
{
    add_chardev(s->arguments, s->index, s->fd);
    abx_arguments_add(s->arguments, "-serial");
    abx_arguments_add(s->arguments, "chardev:console%zu", s->index);
}

static const char *boolean(bool value)
{
    return value ? "true" : "false";
}

/* A comma inside a value is written twice. */
static void double_commas(char *out, size_t size, const char *text)
{
    size_t length = 0;
    for (; *text && length + 2 < size; text++) {
        out[length++] = *text;
        if (*text == ',')
            out[length++] = ',';
    }
    out[length] = '\0';
}

/*
 * QEMU's own locks keep two programs from writing one image. What goes wrong the guest is told, as by our own devices;
 * QEMU's default is to stop it when the host's disk is full. With -blockdev these are properties of the device.
 */
static void add_block(const subject *s)
{
    const abx_block_config *block = &s->device->block;
    const char *read_only = boolean(block->read_only);
    char serial[48] = "", queues[24] = "";
    if (block->serial)
        double_commas(serial, sizeof(serial), block->serial);
    if (block->queues)
        snprintf(queues, sizeof(queues), ",num-queues=%" PRIu32, block->queues);
    abx_arguments_add(s->arguments, "-add-fd");
    abx_arguments_add(s->arguments, "fd=%d,set=%zu", s->fd, s->index);
    abx_arguments_add(s->arguments, "-blockdev");
    abx_arguments_add(s->arguments,
                      "{\"driver\": \"raw\", \"node-name\": \"" ABX_QEMU_DISK
                      "%zu\", \"read-only\": %s, \"discard\": \"unmap\", "
                      "\"cache\": {\"direct\": %s, \"no-flush\": %s}, "
                      "\"file\": {\"driver\": \"file\", \"filename\": \"/dev/fdset/%zu\", \"read-only\": %s}}",
                      s->index, read_only, boolean(block->cache == ABX_CACHE_UNCACHED),
                      boolean(block->sync == ABX_SYNC_NONE), s->index, read_only);
    abx_arguments_add(s->arguments, "-device");
    abx_arguments_add(s->arguments, "virtio-blk-pci,drive=" ABX_QEMU_DISK "%zu,werror=report,rerror=report%s%s%s",
                      s->index, queues, block->serial ? ",serial=" : "", serial);
}

/* QEMU's own choice would be the same in every machine. A locally administered address of one station. */
static void choose_mac(abx_arguments *arguments, uint8_t mac[6])
{
    if (getrandom(mac, 6, 0) != 6 && !arguments->error)
        arguments->error = errno;
    mac[0] = (uint8_t)((mac[0] & ~1u) | 2);
}

/* No option ROM: nobody boots from the network here. */
static void add_net(const subject *s)
{
    enum { USUAL_MTU = 1500 };
    static const uint8_t none[6];
    const abx_net_config *net = &s->device->net;
    uint8_t mac[6];
    memcpy(mac, net->mac, sizeof(mac));
    if (memcmp(mac, none, sizeof(mac)) == 0)
        choose_mac(s->arguments, mac);
    abx_arguments_add(s->arguments, "-netdev");
    if (net->kind == ABX_NET_DATAGRAM)
        abx_arguments_add(s->arguments, "socket,id=net%zu,fd=%d", s->index, s->fd);
    else
        abx_arguments_add(s->arguments, "user,id=net%zu", s->index);
    abx_arguments_add(s->arguments, "-device");
    char mtu[24] = "";
    if (net->mtu && net->mtu != USUAL_MTU)
        snprintf(mtu, sizeof(mtu), ",host_mtu=%u", net->mtu);
    abx_arguments_add(s->arguments, "virtio-net-pci,netdev=net%zu,romfile=,mac=%02x:%02x:%02x:%02x:%02x:%02x%s",
                      s->index, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mtu);
}

/* They are ports of one virtio device, numbered in their order; the first one brings it. */
static void add_port(const subject *s, bool first)
{
    char name[128] = "";
    if (first)
        abx_arguments_add_pair(s->arguments, "-device", "virtio-serial-pci,id=consoles");
    add_chardev(s->arguments, s->index, s->fd);
    abx_arguments_add(s->arguments, "-device");
    if (s->part->name)
        double_commas(name, sizeof(name), s->part->name);
    abx_arguments_add(s->arguments, "%s,bus=consoles.0,chardev=console%zu%s%s",
                      s->part->name ? "virtserialport" : "virtconsole", s->index, s->part->name ? ",name=" : "", name);
}

static const char *on_unless(bool no)
{
    return no ? "off" : "on";
}

static void add_balloon(const subject *s)
{
    const abx_balloon_config *balloon = &s->device->balloon;
    abx_arguments_add(s->arguments, "-device");
    abx_arguments_add(s->arguments,
                      "virtio-balloon-pci,id=" ABX_QEMU_BALLOON ",deflate-on-oom=%s,free-page-reporting=%s",
                      on_unless(balloon->deflate_on_oom == ABX_NO), on_unless(balloon->free_page_reporting == ABX_NO));
}

static void add_device(const subject *s, bool first)
{
    switch (s->device->kind) {
    case ABX_DEVICE_SERIAL:
        add_serial(s);
        break;
    case ABX_DEVICE_DEBUG_EXIT:
        abx_arguments_add_pair(s->arguments, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
        break;
    case ABX_DEVICE_BLOCK:
        add_block(s);
        break;
    case ABX_DEVICE_NET:
        add_net(s);
        break;
    case ABX_DEVICE_CONSOLE:
        add_port(s, first);
        break;
    case ABX_DEVICE_ENTROPY:
        abx_arguments_add_pair(s->arguments, "-object", "rng-builtin,id=random");
        abx_arguments_add_pair(s->arguments, "-device", "virtio-rng-pci,rng=random");
        break;
    case ABX_DEVICE_BALLOON:
        add_balloon(s);
        break;
    default: /* what the platform has by itself */
        break;
    }
}

void abx_device_arguments_add(abx_arguments *arguments, const abx_parts *parts, const int *fds)
{
    if (!abx_parts_find(parts, ABX_DEVICE_SERIAL)) {
        abx_arguments_add_pair(arguments, "-chardev", "null,id=console");
        abx_arguments_add_pair(arguments, "-serial", "chardev:console");
    }
    const abx_part *first = abx_parts_find(parts, ABX_DEVICE_CONSOLE);
    for (size_t i = 0; i < parts->count; i++) {
        const abx_part *part = &parts->list[i];
        add_device(&(subject){ arguments, part, part->device, i, fds ? fds[i] : -1 }, part == first);
    }
}
