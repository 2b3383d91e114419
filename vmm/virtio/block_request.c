/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/block_request.h"

#include "boot/bytes.h"
#include "virtio/pieces.h"

enum {
    RANGE_SIZE = 16, /* sector, number of sectors, flags */
    RANGE_UNMAP = 1,

    TYPE_IN = 0,
    TYPE_OUT = 1,
    TYPE_FLUSH = 4,
    TYPE_GET_ID = 8,
    TYPE_DISCARD = 11,
    TYPE_WRITE_ZEROES = 13,
};

static void refuse(abx_block_request *request, uint8_t status)
{
    request->status = status;
    request->steps = 0;
}

static bool is_inside(const abx_disk *disk, uint64_t sector, uint64_t sectors)
{
    return abx_within(sector, sectors, disk->size / ABX_SECTOR);
}

/* Whole blocks: a driver that knows its disk asks for nothing else. */
static bool is_whole(const abx_disk *disk, uint64_t sector, uint64_t length)
{
    return length % disk->block == 0 && sector % (disk->block / ABX_SECTOR) == 0;
}

/* IN and OUT. The pieces of the chain become those of the data. */
static void parse_transfer(abx_block_request *request, const abx_disk *disk, bool out, uint64_t sector)
{
    const abx_virtqueue_chain *chain = &request->chain;
    uint64_t length = out ? chain->readable_length - ABX_BLOCK_HEADER : request->data_length;
    if (!is_whole(disk, sector, length) || !is_inside(disk, sector, length / ABX_SECTOR) || (out && disk->read_only)) {
        refuse(request, ABX_BLOCK_IOERR);
        return;
    }
    struct iovec *pieces = request->pieces + (out ? 0 : chain->readable_count);
    request->steps = length > 0;
    request->io = (abx_disk_request){
        .operation = out ? ABX_DISK_WRITE : ABX_DISK_READ,
        .offset = sector * ABX_SECTOR,
        .length = length,
        .pieces = pieces,
        .piece_count = out ? abx_pieces_slice(pieces, pieces, chain->readable_count, ABX_BLOCK_HEADER, length)
                           : abx_pieces_slice(pieces, pieces, chain->writable_count, 0, length),
    };
}

/* One range of a discard or write-zeroes; the status for it. Unknown flags, and UNMAP of a discard, are not supported
 * (5.2.6.2). */
static uint8_t parse_range(abx_block_range *range, const uint8_t *bytes, const abx_disk *disk, bool zero)
{
    uint64_t sector = abx_get_le64(bytes);
    uint32_t sectors = abx_get_le32(bytes + 8);
    uint32_t flags = abx_get_le32(bytes + 12);
    uint64_t length = (uint64_t)sectors * ABX_SECTOR;
    if (flags & ~(zero ? (uint32_t)RANGE_UNMAP : 0))
        return ABX_BLOCK_UNSUPP;
    if (sectors > ABX_BLOCK_RANGE_SECTORS || !is_inside(disk, sector, sectors) ||
        (zero && !is_whole(disk, sector, length)))
        return ABX_BLOCK_IOERR;
    *range = (abx_block_range){ sector * ABX_SECTOR, length, flags & RANGE_UNMAP };
    return ABX_BLOCK_OK;
}

static void parse_ranges(abx_block_request *request, const abx_disk *disk, bool zero)
{
    const abx_virtqueue_chain *chain = &request->chain;
    uint64_t length = chain->readable_length - ABX_BLOCK_HEADER;
    if (length == 0 || length % RANGE_SIZE != 0 || length / RANGE_SIZE > ABX_BLOCK_RANGES || disk->read_only) {
        refuse(request, ABX_BLOCK_IOERR);
        return;
    }
    request->io = (abx_disk_request){ .operation = zero ? ABX_DISK_ZERO : ABX_DISK_DISCARD };
    for (uint64_t at = ABX_BLOCK_HEADER; at < chain->readable_length; at += RANGE_SIZE) {
        uint8_t bytes[RANGE_SIZE];
        abx_pieces_read(chain->readable, chain->readable_count, at, bytes, RANGE_SIZE);
        uint8_t status = parse_range(&request->ranges[request->steps], bytes, disk, zero);
        if (status != ABX_BLOCK_OK) {
            refuse(request, status);
            return;
        }
        request->steps++;
    }
}

bool abx_block_request_parse(abx_block_request *request, const abx_disk *disk)
{
    uint8_t header[ABX_BLOCK_HEADER];
    const abx_virtqueue_chain *chain = &request->chain;
    if (chain->writable_length == 0 ||
        abx_pieces_read(chain->readable, chain->readable_count, 0, header, ABX_BLOCK_HEADER) < ABX_BLOCK_HEADER)
        return false;
    const struct iovec *last = &chain->writable[chain->writable_count - 1];
    request->status_place = (uint8_t *)last->iov_base + last->iov_len - 1;
    request->status = ABX_BLOCK_OK;
    request->wants_id = false;
    request->steps = request->step = 0;
    request->data_length = chain->writable_length - 1;
    switch (abx_get_le32(header)) {
    case TYPE_IN:
        parse_transfer(request, disk, false, abx_get_le64(header + 8));
        break;
    case TYPE_OUT:
        parse_transfer(request, disk, true, abx_get_le64(header + 8));
        break;
    case TYPE_FLUSH:
        request->io = (abx_disk_request){ .operation = ABX_DISK_FLUSH };
        request->steps = 1;
        break;
    case TYPE_GET_ID:
        request->wants_id = true;
        break;
    case TYPE_DISCARD:
        parse_ranges(request, disk, false);
        break;
    case TYPE_WRITE_ZEROES:
        parse_ranges(request, disk, true);
        break;
    default:
        refuse(request, ABX_BLOCK_UNSUPP);
        break;
    }
    return true;
}

bool abx_block_request_next(abx_block_request *request)
{
    if (request->status != ABX_BLOCK_OK || request->step == request->steps)
        return false;
    const abx_block_range *range = &request->ranges[request->step++];
    if (request->io.operation == ABX_DISK_DISCARD || request->io.operation == ABX_DISK_ZERO) {
        request->io.offset = range->offset;
        request->io.length = range->length;
        request->io.may_unmap = range->may_unmap;
    }
    return true;
}

/* The status, which is last, counts when the data before it was written as well. */
uint64_t abx_block_request_written(const abx_block_request *request)
{
    bool whole = request->status == ABX_BLOCK_OK && request->steps > 0 && request->io.operation == ABX_DISK_READ;
    if (whole || request->data_length == 0)
        return request->data_length + 1;
    if (request->status == ABX_BLOCK_OK && request->wants_id)
        return request->data_length <= ABX_BLOCK_ID_SIZE ? request->data_length + 1 : ABX_BLOCK_ID_SIZE;
    return 0;
}
