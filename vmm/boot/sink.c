/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static abx_status write_all(const abx_sink *sink, const uint8_t *data, size_t length, uint64_t offset)
{
    while (length > 0) {
        ssize_t put = pwrite(sink->fd, data, length, (off_t)(sink->base + offset));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return abx_fail(abx_status_of_errno(errno), errno, NULL, "write the unpacked %s", sink->name);
        }
        data += put;
        offset += (uint64_t)put;
        length -= (size_t)put;
    }
    return ABX_OK;
}

static bool is_zero(const uint8_t *data, size_t length)
{
    return data[0] == 0 && memcmp(data, data + 1, length - 1) == 0;
}

/* Whether the block could be entered as a hole. */
static bool add_hole(abx_sink *sink, uint64_t offset)
{
    uint32_t block = (uint32_t)(offset / ABX_SINK_BLOCK);
    if (sink->hole_count > 0) {
        abx_hole *last = &sink->holes[sink->hole_count - 1];
        if (last->first + last->count == block) {
            last->count++;
            return true;
        }
    }
    if (sink->hole_count == ABX_SINK_MAX_HOLES) {
        return false;
    }
    sink->holes[sink->hole_count++] = (abx_hole){ .first = block, .count = 1 };
    return true;
}

static bool leave_out(abx_sink *sink, const uint8_t *data, size_t length, uint64_t offset)
{
    return length >= ABX_SINK_BLOCK && offset % ABX_SINK_BLOCK == 0 && is_zero(data, ABX_SINK_BLOCK) &&
           add_hole(sink, offset);
}

abx_status abx_sink_write(abx_sink *sink, const void *data, size_t length)
{
    if (length > sink->limit - sink->size) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The packed data is damaged, or made to fill the disk.",
                        "unpack %s: more than %llu bytes", sink->name, (unsigned long long)sink->limit);
    }
    const uint8_t *from = data;
    size_t pending = 0; /* bytes at `from` that are to be written */
    size_t done = 0;
    while (done < length) {
        size_t step = length - done < ABX_SINK_BLOCK ? length - done : ABX_SINK_BLOCK;
        if (!leave_out(sink, from + pending, length - done, sink->size + done)) {
            pending += step;
            done += step;
            continue;
        }
        abx_status status = write_all(sink, from, pending, sink->size + done - pending);
        if (status != ABX_OK) {
            return status;
        }
        done += step;
        from += pending + step;
        pending = 0;
    }
    abx_status status = write_all(sink, from, pending, sink->size + done - pending);
    if (status == ABX_OK) {
        sink->size += length;
    }
    return status;
}

abx_status abx_sink_finish(abx_sink *sink)
{
    if (ftruncate(sink->fd, (off_t)(sink->base + sink->size)) != 0) {
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "write the unpacked %s", sink->name);
    }
    return ABX_OK;
}
