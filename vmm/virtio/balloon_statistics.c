/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon_statistics.h"

#include "boot/bytes.h"
#include "virtio/pieces.h"

enum {
    ENTRY = 10,    /* bytes: a tag of two, a value of eight */
    ENTRIES = 256, /* more are not looked at */
};

abx_balloon_statistics abx_balloon_statistics_read(const abx_virtqueue_chain *chain)
{
    abx_balloon_statistics statistics = { 0 };
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint8_t entry[ENTRY];
        if (abx_pieces_read(chain->readable, chain->readable_count, i * ENTRY, entry, ENTRY) < ENTRY)
            break;
        uint16_t tag = abx_get_le16(entry);
        if (tag >= ABX_BALLOON_STATISTICS)
            continue;
        statistics.known |= 1u << tag;
        statistics.values[tag] = abx_get_le64(entry + 2);
    }
    return statistics;
}
