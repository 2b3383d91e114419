/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/block_request.h"

#include "boot/bytes.h"
#include "virtio/pieces.h"

enum {
    HEADER_SIZE = 16, /* type, reserved, sector */
    RANGE_SIZE = 16,  /* sector, number of sectors, flags */
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
    request->count = 0;
}

static bool is_inside(const abx_disk *disk, uint64_t sector, uint64_t sectors)
{
    return abx_within(sector, sectors, disk->size / ABX_SECTOR);
}

/* IN and OUT: whole sectors of the disk. */
static void parse_transfer(abx_block_request *request, const abx_virtqueue_chain *chain, const abx_disk *disk, bool out,
                           uint64_t sector)
{
    uint64_t length = out ? chain->readable_length - HEADER_SIZE : request->data_length;
    if (length % ABX_SECTOR != 0 || !is_inside(disk, sector, length / ABX_SECTOR) || (out && disk->read_only)) {
        refuse(request, ABX_BLOCK_IOERR);
        return;
    }
    abx_disk_request *todo = &request->todo[request->count++];
    *todo = (abx_disk_request){
        .operation = out ? ABX_DISK_WRITE : ABX_DISK_READ,
        .offset = sector * ABX_SECTOR,
        .pieces = request->pieces,
    };
    todo->piece_count =
        out ? abx_pieces_slice(request->pieces, chain->readable, chain->readable_count, HEADER_SIZE, length)
            : abx_pieces_slice(request->pieces, chain->writable, chain->writable_count, 0, length);
}

/* One range of a discard or write-zeroes; the status for it. Unknown flags, and UNMAP of a discard, are not supported
 * (5.2.6.2). */
static uint8_t parse_range(abx_disk_request *todo, const uint8_t *bytes, const abx_disk *disk, bool zero)
{
    uint64_t sector = abx_get_le64(bytes);
    uint32_t sectors = abx_get_le32(bytes + 8);
    uint32_t flags = abx_get_le32(bytes + 12);
    if (flags & ~(zero ? (uint32_t)RANGE_UNMAP : 0))
        return ABX_BLOCK_UNSUPP;
    if (sectors > ABX_BLOCK_RANGE_SECTORS || !is_inside(disk, sector, sectors))
        return ABX_BLOCK_IOERR;
    *todo = (abx_disk_request){
        .operation = zero ? ABX_DISK_ZERO : ABX_DISK_DISCARD,
        .offset = sector * ABX_SECTOR,
        .length = (uint64_t)sectors * ABX_SECTOR,
        .may_unmap = flags & RANGE_UNMAP,
    };
    return ABX_BLOCK_OK;
}

static void parse_ranges(abx_block_request *request, const abx_virtqueue_chain *chain, const abx_disk *disk, bool zero)
{
    uint64_t length = chain->readable_length - HEADER_SIZE;
    if (length == 0 || length % RANGE_SIZE != 0 || length / RANGE_SIZE > ABX_BLOCK_RANGES || disk->read_only) {
        refuse(request, ABX_BLOCK_IOERR);
        return;
    }
    for (uint64_t at = HEADER_SIZE; at < chain->readable_length; at += RANGE_SIZE) {
        uint8_t bytes[RANGE_SIZE];
        abx_pieces_read(chain->readable, chain->readable_count, at, bytes, RANGE_SIZE);
        uint8_t status = parse_range(&request->todo[request->count], bytes, disk, zero);
        if (status != ABX_BLOCK_OK) {
            refuse(request, status);
            return;
        }
        request->count++;
    }
}

bool abx_block_request_parse(abx_block_request *request, const abx_virtqueue_chain *chain, const abx_disk *disk)
{
    uint8_t header[HEADER_SIZE];
    if (chain->writable_length == 0 ||
        abx_pieces_read(chain->readable, chain->readable_count, 0, header, HEADER_SIZE) < HEADER_SIZE)
        return false;
    request->status = ABX_BLOCK_OK;
    request->wants_id = false;
    request->count = 0;
    request->data_length = chain->writable_length - 1;
    switch (abx_get_le32(header)) {
    case TYPE_IN:
        parse_transfer(request, chain, disk, false, abx_get_le64(header + 8));
        break;
    case TYPE_OUT:
        parse_transfer(request, chain, disk, true, abx_get_le64(header + 8));
        break;
    case TYPE_FLUSH:
        request->todo[request->count++] = (abx_disk_request){ .operation = ABX_DISK_FLUSH };
        break;
    case TYPE_GET_ID:
        request->wants_id = true;
        break;
    case TYPE_DISCARD:
        parse_ranges(request, chain, disk, false);
        break;
    case TYPE_WRITE_ZEROES:
        parse_ranges(request, chain, disk, true);
        break;
    default:
        refuse(request, ABX_BLOCK_UNSUPP);
        break;
    }
    return true;
}
