/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

const char *const image_packing_names[PACK_COUNT] = { "gzip", "xz", "lzma", "zstd", "lz4", "lz4" };

static blob pack_gzip(const blob *plain)
{
    blob out = { 0 };
    z_stream stream = { .next_in = plain->data, .avail_in = (uInt)plain->size };
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    blob_resize(&out, deflateBound(&stream, plain->size));
    stream.next_out = out.data;
    stream.avail_out = (uInt)out.size;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    blob_resize(&out, stream.total_out);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return out;
}

static blob pack_lzma(const blob *plain, bool alone)
{
    blob out = { 0 };
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 1));
    assert_int_equal(alone ? lzma_alone_encoder(&stream, &options) : lzma_easy_encoder(&stream, 1, LZMA_CHECK_CRC32),
                     LZMA_OK);
    blob_resize(&out, lzma_stream_buffer_bound(plain->size) + 1024);
    stream.next_in = plain->data;
    stream.avail_in = plain->size;
    stream.next_out = out.data;
    stream.avail_out = out.size;
    assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    blob_resize(&out, stream.total_out);
    lzma_end(&stream);
    return out;
}

static blob pack_zstd(const blob *plain)
{
    blob out = { 0 };
    blob_resize(&out, ZSTD_compressBound(plain->size));
    size_t size = ZSTD_compress(out.data, out.size, plain->data, plain->size, 3);
    assert_false(ZSTD_isError(size));
    blob_resize(&out, size);
    return out;
}

static blob pack_lz4(const blob *plain)
{
    blob out = { 0 };
    blob_resize(&out, LZ4F_compressFrameBound(plain->size, NULL));
    size_t size = LZ4F_compressFrame(out.data, out.size, plain->data, plain->size, NULL);
    assert_false(LZ4F_isError(size));
    blob_resize(&out, size);
    return out;
}

static blob pack_lz4_legacy(const blob *plain)
{
    const size_t block = 8 << 20;
    blob out = { 0 };
    blob_put_le(&out, 0, 4, 0x184c2102);
    for (size_t at = 0; at < plain->size; at += block) {
        size_t length = plain->size - at < block ? plain->size - at : block;
        size_t where = out.size;
        int bound = LZ4_compressBound((int)length);
        blob_resize(&out, where + 4 + (size_t)bound);
        int size =
            LZ4_compress_default((const char *)plain->data + at, (char *)out.data + where + 4, (int)length, bound);
        assert_true(size > 0);
        blob_put_le(&out, where, 4, (uint64_t)size);
        blob_resize(&out, where + 4 + (size_t)size);
    }
    return out;
}

blob image_pack(const blob *plain, image_packing packing)
{
    switch (packing) {
    case PACK_GZIP:
        return pack_gzip(plain);
    case PACK_XZ:
        return pack_lzma(plain, false);
    case PACK_LZMA:
        return pack_lzma(plain, true);
    case PACK_ZSTD:
        return pack_zstd(plain);
    case PACK_LZ4:
        return pack_lz4(plain);
    default:
        return pack_lz4_legacy(plain);
    }
}

blob image_pack_linux(const blob *plain, image_packing packing)
{
    blob packed = image_pack(plain, packing);
    if (packing != PACK_GZIP) {
        blob_put_le(&packed, packed.size, 4, plain->size);
    }
    return packed;
}
