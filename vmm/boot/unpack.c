/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "unpack.h"

#include "codec.h"

#include <stdlib.h>

enum {
    INPUT = 128 * 1024,
    OUTPUT = 16 * ABX_SINK_BLOCK,
};

uint64_t abx_unpack_limit(uint64_t packed)
{
    const uint64_t least = 64u << 20;
    const uint64_t most = 1u << 30;
    const uint64_t ratio = 64;
    if (packed <= least / ratio) {
        return least;
    }
    return packed < most / ratio ? packed * ratio : most;
}

static const abx_codec *find_codec(abx_compression compression)
{
    switch (compression) {
    case ABX_COMPRESSION_GZIP:
        return &abx_codec_gzip;
    case ABX_COMPRESSION_XZ:
    case ABX_COMPRESSION_LZMA:
        return &abx_codec_lzma;
    case ABX_COMPRESSION_ZSTD:
        return &abx_codec_zstd;
    case ABX_COMPRESSION_LZ4:
        return &abx_codec_lz4;
    case ABX_COMPRESSION_LZ4_LEGACY:
        return &abx_codec_lz4_legacy;
    default:
        return NULL;
    }
}

static abx_status refill(const abx_source *payload, uint64_t *position, uint8_t *buffer, abx_codec_io *io)
{
    uint64_t left = payload->size - *position;
    size_t length = left < INPUT ? (size_t)left : INPUT;
    abx_status status = abx_source_read(payload, *position, buffer, length);
    if (status == ABX_OK) {
        *position += length;
        io->input_size = length;
        io->input_position = 0;
    }
    return status;
}

static abx_status flush(abx_sink *sink, abx_codec_io *io)
{
    abx_status status = abx_sink_write(sink, io->output, io->output_position);
    io->output_position = 0;
    return status;
}

/* What follows the end of the stream is not looked at: some builders of kernels pad. */
static abx_status run(const abx_codec *codec, void *state, const abx_source *payload, uint8_t *input, uint8_t *output,
                      abx_sink *sink)
{
    abx_codec_io io = { .input = input, .output = output, .output_size = OUTPUT };
    uint64_t position = 0;
    for (;;) {
        abx_status status = ABX_OK;
        if (io.input_position == io.input_size) {
            status = refill(payload, &position, input, &io);
        }
        if (status == ABX_OK && io.output_position == io.output_size) {
            status = flush(sink, &io);
        }
        if (status != ABX_OK) {
            return status;
        }
        size_t input_before = io.input_position;
        size_t output_before = io.output_position;
        switch (codec->step(state, &io)) {
        case ABX_CODEC_MORE:
            if (io.input_position > input_before || io.output_position > output_before) {
                break;
            }
            return abx_fail(ABX_ERR_FORMAT, 0, "The packed kernel is truncated.", "unpack %s", payload->name);
        case ABX_CODEC_END:
            return flush(sink, &io);
        case ABX_CODEC_DAMAGED:
            return abx_fail(ABX_ERR_FORMAT, 0, "The packed kernel is damaged.", "unpack %s", payload->name);
        case ABX_CODEC_NO_MEMORY:
            return abx_fail(ABX_ERR_NO_MEMORY, 0, "It is packed in a way that takes too much memory to unpack.",
                            "unpack %s", payload->name);
        }
    }
}

abx_status abx_unpack(const abx_source *payload, abx_compression compression, abx_sink *sink)
{
    const abx_codec *codec = find_codec(compression);
    if (!codec) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use a kernel packed with gzip, xz, zstd or lz4.",
                        "unpack %s, which is packed with %s", payload->name, abx_compression_name(compression));
    }
    abx_status status = ABX_ERR_NO_MEMORY;
    uint8_t *buffers = malloc(INPUT + OUTPUT);
    void *state = codec->create();
    if (buffers && state) {
        status = run(codec, state, payload, buffers, buffers + INPUT, sink);
    } else {
        status = abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "unpack %s", payload->name);
    }
    if (state) {
        codec->destroy(state);
    }
    free(buffers);
    return status == ABX_OK ? abx_sink_finish(sink) : status;
}
