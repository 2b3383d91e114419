/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What devices a VM or a machine has: a list of tagged structures. */
#ifndef ARCBOX_DEVICE_H
#define ARCBOX_DEVICE_H

#include <arcbox/base.h>

ABX_BEGIN_DECLS

/*
 * What a device is. A machine on a manual backend has those that its configuration lists, and no others but its
 * interrupt controllers and, with acpi, ACPI's own registers. A managed backend brings a platform of its own: it
 * refuses FW_CFG, has I8042, RTC, PVPANIC and POWER_BUTTON or not as its platform does, and refuses what it cannot
 * bring of the others. On ARM64 registers are in memory, where arm64.h says.
 *
 * At most one of each kind, but for BLOCK, NET, CONSOLE and FS. Kinds from BLOCK on are virtio devices; of those,
 * machines on manual backends have BLOCK, CONSOLE, ENTROPY and BALLOON, at most 12 of them, and not the others yet.
 */
typedef enum abx_device_kind {
    ABX_DEVICE_NONE = 0,
    ABX_DEVICE_SERIAL,       /* 16550A at port 0x3f8, line 4; ARM64: PL011; a managed backend: what it has as console */
    ABX_DEVICE_I8042,        /* x86_64: ports 0x60 and 0x64, reset only, no keyboard */
    ABX_DEVICE_RTC,          /* MC146818 clock and CMOS memory at ports 0x70 and 0x71; ARM64: PL031 */
    ABX_DEVICE_DEBUG_EXIT,   /* a write of v ends the machine with status (v << 1) | 1, as QEMU's isa-debug-exit */
    ABX_DEVICE_FW_CFG,       /* QEMU's firmware configuration interface at ports 0x510 to 0x51b */
    ABX_DEVICE_PVPANIC,      /* QEMU's panic notification at port 0x505 */
    ABX_DEVICE_POWER_BUTTON, /* x86_64: with ACPI alone, a Generic Event Device, line 12; ARM64: line 3 of a PL061 */
    ABX_DEVICE_BLOCK,        /* a disk: a raw image of the host's */
    ABX_DEVICE_NET,          /* an Ethernet card */
    ABX_DEVICE_CONSOLE,      /* a virtio console, hvc0 and on in Linux, and named ports */
    ABX_DEVICE_VSOCK,        /* stream sockets between host and guest: vsock.h; no member */
    ABX_DEVICE_ENTROPY,      /* random numbers of the host's; no member */
    ABX_DEVICE_BALLOON,      /* memory that the guest gives back: machine_balloon.h, balloon.h */
    ABX_DEVICE_FS,           /* directories of the host's, by virtiofs */
    ABX_DEVICE_ROSETTA,      /* Apple's translator for x86_64 programs, by virtiofs: rosetta.h */
} abx_device_kind;

/* A named blob for fw_cfg: from memory, or from a file where `path` is not NULL. */
typedef struct abx_fw_cfg_file {
    const char *name; /* at most 55 bytes, "opt/org.example/thing" */
    const char *path;
    const void *data;
    size_t length;
} abx_fw_cfg_file;

/* ABX_DEVICE_SERIAL, and the ends of a console's ports. The descriptors stay the caller's and must stay open until the
 * machine or the VM is gone. */
typedef struct abx_serial_config {
    int input_fd;  /* -1: none; else open for reading */
    int output_fd; /* -1: thrown away; else open for writing. It must be drained, or the guest waits */
} abx_serial_config;

/* A port of a console beside the first one. */
typedef struct abx_console_port {
    const char *name; /* /dev/virtio-ports/NAME in Linux: 1 to 63 printable ASCII characters without spaces and '/', its
                         own in the device, with qemu in the VM; NULL: another console, hvc1 and on */
    abx_serial_config ends;
} abx_console_port;

enum { ABX_CONSOLE_MORE_PORTS = 6 };

/*
 * ABX_DEVICE_CONSOLE. Descriptors may block or not; nothing is lost, whoever waits for whom. At the end of its input a
 * named port is closed to the guest when nothing can go out any more, either. When nobody takes the output any more
 * (EPIPE) there is an ABX_EVENT_CONSOLE_CLOSED, and output is thrown away from then on. With vz output is lost that a
 * reader leaves for too long, ports stay open to the guest, and there is no such event.
 */
typedef struct abx_console_config {
    abx_serial_config serial; /* the first port, a console */
    bool ports_only;          /* there is no first port; `serial` is ignored, and there are others */
    uint16_t columns, rows;   /* of its window; 0: not known. Later: abx_machine_resize_console(). Managed backends do
                                 not look at them */
    const abx_console_port *ports;
    size_t port_count; /* at most ABX_CONSOLE_MORE_PORTS; vz: 0 before macOS 13 */
} abx_console_config;

/* ABX_DEVICE_DEBUG_EXIT. */
typedef struct abx_debug_exit_config {
    uint16_t port; /* x86_64: 0 stands for 0xf4, which it is on managed backends. 1, 2 or 4 byte writes */
} abx_debug_exit_config;

/* ABX_DEVICE_FW_CFG. */
typedef struct abx_fw_cfg_config {
    const abx_fw_cfg_file *files;
    size_t count;
} abx_fw_cfg_config;

/* Whether the host's page cache stands between the guest and a disk's image. */
typedef enum abx_block_cache {
    ABX_CACHE_AUTOMATIC = 0, /* as the backend sees fit; manual ones: CACHED */
    ABX_CACHE_CACHED,
    ABX_CACHE_UNCACHED, /* Linux: O_DIRECT, which some file systems refuse; the guest sees the blocks that it asks for
                         */
} abx_block_cache;

/* What a guest's flush does. */
typedef enum abx_block_sync {
    ABX_SYNC_FULL = 0, /* data is on the medium: it outlives a loss of power */
    ABX_SYNC_FSYNC,    /* as fsync(2) of the host: on macOS the drive may still hold it */
    ABX_SYNC_NONE,     /* nothing: for images that may be lost */
} abx_block_sync;

/* ABX_DEVICE_BLOCK. */
typedef struct abx_block_config {
    const char *path; /* a regular file or a block device, in raw format, its size a multiple of 512 bytes */
    bool read_only;   /* the guest cannot write it; else the file must be writable */
    abx_block_cache cache;
    abx_block_sync sync;
    const char *serial; /* what the guest reads as serial number: 1 to 20 printable ASCII characters; NULL: none */
    uint32_t queues; /* 1 to 16; 0: as the backend sees fit, manual ones: one for each CPU up to 4. vz: not looked at */
} abx_block_config;

/* What is at the other end of a network card's cable. */
typedef enum abx_net_kind {
    ABX_NET_NAT = 0,  /* a network of the host's own with address translation */
    ABX_NET_BRIDGED,  /* a physical network of the host's: `interface` */
    ABX_NET_DATAGRAM, /* the caller: each datagram of a connected socket is an Ethernet frame */
} abx_net_kind;

/* ABX_DEVICE_NET. */
typedef struct abx_net_config {
    abx_net_kind kind;
    const char *interface; /* BRIDGED: the name of the host's interface; else NULL */
    int fd;                /* DATAGRAM: the socket, SOCK_DGRAM; the caller's, open until the VM is gone. Else ignored */
    uint8_t mac[6];        /* unicast; all zero: one is chosen */
    uint32_t mtu;          /* bytes of a frame's payload, 1280 to 65535; 0: 1500, which all kinds but DATAGRAM have */
} abx_net_config;

/* One directory of a share. */
typedef struct abx_fs_share {
    const char *name; /* of the folder in the guest's mount, 1 to 255 bytes without '/'; NULL: the mount itself */
    const char *path; /* a directory of the host's */
    bool read_only;
} abx_fs_share;

/* ABX_DEVICE_FS: one share without a name, or any number with different names. */
typedef struct abx_fs_config {
    const char *tag; /* what the guest mounts: `mount -t virtiofs TAG /mnt`. 1 to 35 bytes, its own in the VM */
    const abx_fs_share *shares;
    size_t share_count; /* at least 1 */
} abx_fs_config;

/* How translated code is kept for the next run: by a daemon in the guest, reached through a socket. */
typedef enum abx_rosetta_cache {
    ABX_ROSETTA_CACHE_NONE = 0, /* not at all */
    ABX_ROSETTA_CACHE_UNIX,     /* the socket is a file: `cache_address` is its path in the guest */
    ABX_ROSETTA_CACHE_ABSTRACT, /* `cache_address` is a name in Linux's abstract namespace, without the leading zero */
} abx_rosetta_cache;

/* ABX_DEVICE_ROSETTA. */
typedef struct abx_rosetta_config {
    const char *tag; /* as that of abx_fs_config */
    abx_rosetta_cache cache;
    const char *cache_address; /* NULL with ABX_ROSETTA_CACHE_NONE */
} abx_rosetta_config;

/* Who sets a balloon's target. */
typedef enum abx_balloon_mode {
    ABX_BALLOON_MANUAL = 0, /* the program: abx_machine_balloon_set_target() */
    ABX_BALLOON_AUTO,       /* the machine, when the host is short of memory; needs deflate_on_oom */
} abx_balloon_mode;

/* ABX_DEVICE_BALLOON. The balloon of vz has no settings: all zero. That of qemu has no policy AUTO. */
typedef struct abx_balloon_config {
    abx_balloon_mode policy;
    abx_choice free_page_reporting; /* what the guest frees goes back to the host by itself. Default: yes */
    abx_choice deflate_on_oom;      /* a guest in need takes memory back by itself. Default: yes */
    uint64_t target;                /* bytes that the guest shall use at first; 0: all of its memory */
    uint64_t minimum; /* bytes that it always keeps; 0: with AUTO a quarter of its memory, at least 128 MiB */
} abx_balloon_config;

/* One device. */
typedef struct abx_device_config {
    abx_device_kind kind;
    union {
        abx_serial_config serial;
        abx_console_config console;
        abx_debug_exit_config debug_exit;
        abx_fw_cfg_config fw_cfg;
        abx_block_config block;
        abx_net_config net;
        abx_fs_config fs;
        abx_rosetta_config rosetta;
        abx_balloon_config balloon;
    };
} abx_device_config;

/* "serial", "block" and the like: lower case, stable; NULL for NONE and out of range. Static storage. */
ABX_API const char *abx_device_kind_name(abx_device_kind kind);

ABX_END_DECLS

#endif
