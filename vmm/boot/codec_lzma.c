/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "codec.h"

#include <lzma.h>
#include <stdlib.h>

/* Linux is packed with a dictionary of 32 MiB (scripts/xz_wrap.sh) or, as LZMA, 8 MiB. */
static const uint64_t memory_limit = 160u << 20;

static void *create(void)
{
    lzma_stream *stream = calloc(1, sizeof(*stream));
    if (stream && lzma_auto_decoder(stream, memory_limit, 0) != LZMA_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static abx_codec_result step(void *state, abx_codec_io *io)
{
    lzma_stream *stream = state;
    stream->next_in = io->input + io->input_position;
    stream->avail_in = io->input_size - io->input_position;
    stream->next_out = io->output + io->output_position;
    stream->avail_out = io->output_size - io->output_position;
    lzma_ret result = lzma_code(stream, LZMA_RUN);
    io->input_position = io->input_size - stream->avail_in;
    io->output_position = io->output_size - stream->avail_out;
    switch (result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR:
        return ABX_CODEC_MORE;
    case LZMA_STREAM_END:
        return ABX_CODEC_END;
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return ABX_CODEC_NO_MEMORY;
    default:
        return ABX_CODEC_DAMAGED;
    }
}

static void destroy(void *state)
{
    lzma_end(state);
    free(state);
}

const abx_codec abx_codec_lzma = { .create = create, .step = step, .destroy = destroy };
