/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest with a disk of 2 MiB, and what is in its image. */
#ifndef TESTS_VIRTIO_DISK_GUEST_H
#define TESTS_VIRTIO_DISK_GUEST_H

#include "guest.h"

#include "virtio/block.h"
#include "virtio/block_request.h"

enum {
    SECTORS = 4096,
    HEADER = DATA,
    STATUS = DATA + 0x100,
    CONTENT = DATA + 0x1000,

    IN = 0,
    OUT = 1,
    FLUSH = 4,
    GET_ID = 8,
    DISCARD = 11,
    WRITE_ZEROES = 13,

    NO_STATUS = 0xee, /* what is there before */
};

typedef struct disk_guest {
    guest vm;
    char path[32]; /* of the image, in /tmp */
    int file;      /* the image, open for the test */
    uint32_t used_length;
} disk_guest;

extern disk_guest disk;

/* What `argument`, of the test's command line, says: "best", which is NULL, or "threads". */
extern const abx_disk_engine_kind *disk_engine;
void disk_choose_engine(const char *argument);

/* An image of zeros and a device for it, which is resumed; what `config` leaves out is as it usually is. */
int disk_begin(const abx_virtio_block_config *config);
int disk_end(void **state);

/* Starts the driver with `count` queues of 64. */
void disk_start(uint64_t features, uint32_t count);

/* Writes the header of a request, at HEADER, and clears its status. */
void disk_put_header(uint32_t type, uint64_t sector);

/* A request with `length` bytes of data at CONTENT, cut in two; its status. */
uint8_t disk_request(uint32_t type, uint64_t sector, uint32_t length);

/* The same without waiting: the n-th has its parts at 64 KiB / 4 KiB places of its own; n is less than 60. */
void disk_send(uint32_t queue, uint32_t n, uint32_t type, uint64_t sector, uint32_t length);
uint8_t *disk_content(uint32_t n);
uint8_t disk_status(uint32_t n);

/* Writes a range of a discard or write-zeroes to CONTENT. */
void disk_put_range(uint32_t index, uint64_t sector, uint32_t sectors, uint32_t flags);

/* Sectors of the image itself are all `value`. */
bool disk_image_is(uint64_t sector, uint32_t sectors, uint8_t value);

#endif
