/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "codec.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

static void *create(void)
{
    z_stream *stream = calloc(1, sizeof(*stream));
    if (stream && inflateInit2(stream, MAX_WBITS + 16) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static uInt at_most(size_t length)
{
    return length < UINT_MAX ? (uInt)length : UINT_MAX;
}

static abx_codec_result step(void *state, abx_codec_io *io)
{
    z_stream *stream = state;
    uInt input = at_most(io->input_size - io->input_position);
    uInt output = at_most(io->output_size - io->output_position);
    stream->next_in = (z_const Bytef *)(io->input + io->input_position);
    stream->avail_in = input;
    stream->next_out = io->output + io->output_position;
    stream->avail_out = output;
    int result = inflate(stream, Z_NO_FLUSH);
    io->input_position += input - stream->avail_in;
    io->output_position += output - stream->avail_out;
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR: /* nothing could be done without more input or output */
        return ABX_CODEC_MORE;
    case Z_STREAM_END:
        return ABX_CODEC_END;
    case Z_MEM_ERROR:
        return ABX_CODEC_NO_MEMORY;
    default:
        return ABX_CODEC_DAMAGED;
    }
}

static void destroy(void *state)
{
    (void)inflateEnd(state); /* fails only on a state that is none */
    free(state);
}

const abx_codec abx_codec_gzip = { .create = create, .step = step, .destroy = destroy };
