/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Requests of the kinds of devices (Virtio 1.2, chapter 5). */
#ifndef ABX_TESTS_VIRTIO_REQUESTS_H
#define ABX_TESTS_VIRTIO_REQUESTS_H

#include "virtio_device.h"

enum {
    SECTOR = 512,
    DATA = 1024, /* bytes of a request, at most */
    REQUESTS = 8,
};

/* Sends request `n`, below REQUESTS, which fills request_data(n) and does not wait: entropy, or a read from the start
 * of a disk. Requests of other kinds of devices are to be added here. */
void request_send(virtio_device *device, uint32_t n);
uint8_t *request_data(uint32_t n);

/* One of them, waited for; the number of bytes of data. */
uint32_t request_fill(virtio_device *device, uint32_t length);

/* Disks: 5.2.6. The status; MISMATCH (virtio.h): what was read is not what block_write() writes with that seed. */
uint32_t block_write(virtio_device *device, uint64_t sector, uint32_t sectors, uint32_t seed);
uint32_t block_read(virtio_device *device, uint64_t sector, uint32_t sectors, uint32_t seed);
uint32_t block_flush(virtio_device *device);
uint32_t block_identify(virtio_device *device);
uint32_t block_capacity(const virtio_device *device);

#endif
