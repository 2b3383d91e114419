/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/pieces.h"

#include <string.h>

static size_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

size_t abx_pieces_read(const struct iovec *pieces, uint32_t count, uint64_t offset, void *to, size_t length)
{
    size_t done = 0;
    for (uint32_t i = 0; i < count && done < length; i++) {
        if (offset >= pieces[i].iov_len) {
            offset -= pieces[i].iov_len;
            continue;
        }
        size_t here = least(pieces[i].iov_len - offset, length - done);
        memcpy((char *)to + done, (const char *)pieces[i].iov_base + offset, here);
        done += here;
        offset = 0;
    }
    return done;
}

size_t abx_pieces_write(const struct iovec *pieces, uint32_t count, uint64_t offset, const void *from, size_t length)
{
    size_t done = 0;
    for (uint32_t i = 0; i < count && done < length; i++) {
        if (offset >= pieces[i].iov_len) {
            offset -= pieces[i].iov_len;
            continue;
        }
        size_t here = least(pieces[i].iov_len - offset, length - done);
        memcpy((char *)pieces[i].iov_base + offset, (const char *)from + done, here);
        done += here;
        offset = 0;
    }
    return done;
}

uint32_t abx_pieces_slice(struct iovec *out, const struct iovec *pieces, uint32_t count, uint64_t offset,
                          uint64_t length)
{
    uint32_t made = 0;
    for (uint32_t i = 0; i < count && length > 0; i++) {
        if (offset >= pieces[i].iov_len) {
            offset -= pieces[i].iov_len;
            continue;
        }
        size_t here = least(pieces[i].iov_len - offset, length);
        out[made++] = (struct iovec){ .iov_base = (char *)pieces[i].iov_base + offset, .iov_len = here };
        length -= here;
        offset = 0;
    }
    return made;
}
