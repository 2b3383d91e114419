/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "codec.h"

#include <zstd.h>
#include <zstd_errors.h>

static void *create(void)
{
    return ZSTD_createDStream(); /* accepts windows of up to 128 MiB, what Linux is packed with */
}

static abx_codec_result step(void *state, abx_codec_io *io)
{
    ZSTD_inBuffer in = { .src = io->input, .size = io->input_size, .pos = io->input_position };
    ZSTD_outBuffer out = { .dst = io->output, .size = io->output_size, .pos = io->output_position };
    size_t result = ZSTD_decompressStream(state, &out, &in);
    io->input_position = in.pos;
    io->output_position = out.pos;
    if (result == 0) {
        return ABX_CODEC_END;
    }
    if (!ZSTD_isError(result)) {
        return ABX_CODEC_MORE;
    }
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation:
    case ZSTD_error_frameParameter_windowTooLarge:
        return ABX_CODEC_NO_MEMORY;
    case ZSTD_error_srcSize_wrong: /* no progress was possible */
    case ZSTD_error_dstSize_tooSmall:
        return ABX_CODEC_MORE;
    default:
        return ABX_CODEC_DAMAGED;
    }
}

static void destroy(void *state)
{
    (void)ZSTD_freeDStream(state);
}

const abx_codec abx_codec_zstd = { .create = create, .step = step, .destroy = destroy };
