/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "unpacked.h"

#include "boot_os.h"
#include "cache.h"
#include "unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

abx_status abx_packed_detect(abx_packed *packed)
{
    uint8_t head[ABX_COMPRESSION_MAGIC];
    size_t length = packed->payload.size < sizeof(head) ? (size_t)packed->payload.size : sizeof(head);
    abx_status status = abx_source_read(&packed->payload, 0, head, length);
    if (status == ABX_OK) {
        packed->compression = abx_compression_detect(head, length);
    }
    return status;
}

static abx_status unpack_to(abx_sink *sink, const abx_packed *packed)
{
    uint64_t limit = abx_unpack_limit(packed->payload.size);
    sink->name = packed->payload.name;
    sink->limit = packed->size && packed->size < limit ? packed->size : limit;
    abx_status status = abx_unpack(&packed->payload, packed->compression, sink);
    if (status == ABX_OK && packed->size && sink->size != packed->size) {
        status = abx_fail(ABX_ERR_FORMAT, 0, "The packed kernel is damaged.", "unpack %s: %llu bytes instead of %llu",
                          sink->name, (unsigned long long)sink->size, (unsigned long long)packed->size);
    }
    return status;
}

static abx_status unpack_to_memory(abx_sink *sink, const abx_packed *packed)
{
    *sink = (abx_sink){ .fd = abx_boot_os_scratch_file() };
    if (sink->fd < 0) {
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "make a file to unpack %s", packed->payload.name);
    }
    return unpack_to(sink, packed);
}

/* Whatever is wrong with the cache's disk, the kernel is still to be had in memory. */
static bool is_disk_failure(abx_status status)
{
    return status != ABX_ERR_FORMAT && status != ABX_ERR_NO_MEMORY && status != ABX_ERR_NOT_SUPPORTED;
}

static void describe(abx_unpacked *out, const abx_sink *sink)
{
    out->image = (abx_source){ .fd = sink->fd, .name = sink->name, .base = sink->base, .size = sink->size };
    out->hole_count = sink->hole_count;
    memcpy(out->holes, sink->holes, sizeof(out->holes));
}

static abx_status unpack(abx_unpacked *out, abx_cache *cache, const abx_packed *packed, bool *in_cache)
{
    abx_sink *sink = calloc(1, sizeof(*sink));
    if (!sink) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "unpack %s", packed->payload.name);
    }
    abx_status status = ABX_ERR_SYSTEM;
    *sink = (abx_sink){ .fd = abx_cache_create(cache, &packed->payload), .base = ABX_CACHE_HEADER };
    *in_cache = sink->fd >= 0;
    if (*in_cache) {
        status = unpack_to(sink, packed);
    }
    if (status != ABX_OK && (!*in_cache || is_disk_failure(status))) {
        abx_source_close(&(abx_source){ .fd = sink->fd });
        *in_cache = false;
        status = unpack_to_memory(sink, packed);
    }
    if (status == ABX_OK) {
        describe(out, sink);
    } else {
        abx_source_close(&(abx_source){ .fd = sink->fd });
    }
    free(sink);
    return status;
}

abx_status abx_unpacked_open(abx_unpacked *out, const abx_packed *packed, const char *folder, abx_unpacked_check *check,
                             void *context)
{
    abx_cache cache;
    bool in_cache = false;
    *out = (abx_unpacked){ .image.fd = -1 };
    abx_cache_open(&cache, folder, &packed->payload);
    if (abx_cache_find(&cache, &packed->payload, out)) {
        if (check(context, out) == ABX_OK) {
            abx_cache_close(&cache);
            return ABX_OK;
        }
        /* Damaged, or the kernel itself is not what it should be: unpacking it again tells. */
        abx_source_close(&out->image);
        *out = (abx_unpacked){ .image.fd = -1 };
    }
    abx_status status = unpack(out, &cache, packed, &in_cache);
    if (status == ABX_OK) {
        status = check(context, out);
        if (status == ABX_OK && in_cache) {
            abx_cache_keep(&cache, out);
        } else if (status != ABX_OK) {
            abx_source_close(&out->image);
        }
    }
    abx_cache_close(&cache);
    return status;
}
