/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The devices of a configuration as QEMU has them: all the same, but each port of a console is one of its own. */
#ifndef ABX_SRC_QEMU_PARTS_H
#define ABX_SRC_QEMU_PARTS_H

#include <arcbox/config.h>

typedef struct abx_part {
    const abx_device_config *device; /* what it is, or is a port of */
    const abx_serial_config *ends;   /* of a serial port and of a console's port; else NULL */
    const char *name;                /* of a port; NULL: it is a console, or no port */
    uint32_t port;                   /* its number in the console, the first one's is 0 */
} abx_part;

typedef struct abx_parts {
    abx_part *list;
    size_t count;
} abx_parts;

/* How many parts a device makes. What its pointers lead to is not looked at. */
size_t abx_parts_of(const abx_device_config *device);

/* Lists those of `config`, which must outlive them. On success the caller owes abx_parts_free(). False: no memory. */
bool abx_parts_list(abx_parts *parts, const abx_vm_config *config);

/* {0} is allowed. */
void abx_parts_free(abx_parts *parts);

/* The first of this kind; NULL: there is none. */
const abx_part *abx_parts_find(const abx_parts *parts, abx_device_kind kind);

#endif
