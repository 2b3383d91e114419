/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "codec.h"

#include <lz4frame.h>

static void *create(void)
{
    LZ4F_dctx *context = NULL;
    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : context;
}

static abx_codec_result step(void *state, abx_codec_io *io)
{
    size_t input = io->input_size - io->input_position;
    size_t output = io->output_size - io->output_position;
    size_t result =
        LZ4F_decompress(state, io->output + io->output_position, &output, io->input + io->input_position, &input, NULL);
    if (LZ4F_isError(result)) {
        return ABX_CODEC_DAMAGED;
    }
    io->input_position += input;
    io->output_position += output;
    return result == 0 ? ABX_CODEC_END : ABX_CODEC_MORE;
}

static void destroy(void *state)
{
    (void)LZ4F_freeDecompressionContext(state);
}

const abx_codec abx_codec_lz4 = { .create = create, .step = step, .destroy = destroy };
