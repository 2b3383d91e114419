/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* LZ4 frame format 1.6, "Legacy frame": the magic, then blocks, each with its packed size in 4 bytes before it and
 * 8 MiB of data in it but for the last one. Nothing marks the end: it is where the data ends. */
#include "codec.h"

#include "bytes.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 8 << 20,
    MAGIC = 0x184c2102,
};

typedef struct abx_lz4_legacy {
    uint8_t word[4]; /* the magic or a size, as far as it is here */
    size_t word_length;
    bool began;
    size_t packed_size; /* of the current block; 0: between blocks */
    size_t packed_length;
    uint8_t *packed;
    uint8_t *plain;
    size_t plain_size;
    size_t plain_position;
} abx_lz4_legacy;

static void destroy(void *state)
{
    abx_lz4_legacy *lz4 = state;
    free(lz4->packed);
    free(lz4->plain);
    free(lz4);
}

static void *create(void)
{
    abx_lz4_legacy *lz4 = calloc(1, sizeof(*lz4));
    if (!lz4) {
        return NULL;
    }
    lz4->packed = malloc((size_t)LZ4_compressBound(BLOCK));
    lz4->plain = malloc(BLOCK);
    if (!lz4->packed || !lz4->plain) {
        destroy(lz4);
        return NULL;
    }
    return lz4;
}

static size_t take(abx_codec_io *io, uint8_t *to, size_t length)
{
    size_t there = io->input_size - io->input_position;
    size_t count = length < there ? length : there;
    memcpy(to, io->input + io->input_position, count);
    io->input_position += count;
    return count;
}

static bool take_word(abx_lz4_legacy *lz4, abx_codec_io *io)
{
    lz4->word_length += take(io, lz4->word + lz4->word_length, sizeof(lz4->word) - lz4->word_length);
    if (lz4->word_length < sizeof(lz4->word)) {
        return false;
    }
    lz4->word_length = 0;
    return true;
}

static bool begin_block(abx_lz4_legacy *lz4)
{
    uint32_t word = abx_get_le32(lz4->word);
    if (!lz4->began || word == MAGIC) { /* frames may follow each other */
        lz4->began = true;
        return word == MAGIC;
    }
    lz4->packed_size = word;
    lz4->packed_length = 0;
    return word > 0 && word <= (uint32_t)LZ4_compressBound(BLOCK);
}

static bool unpack_block(abx_lz4_legacy *lz4)
{
    int size = LZ4_decompress_safe((const char *)lz4->packed, (char *)lz4->plain, (int)lz4->packed_size, BLOCK);
    lz4->packed_size = 0;
    lz4->plain_size = size < 0 ? 0 : (size_t)size;
    lz4->plain_position = 0;
    return size >= 0;
}

static void give(abx_lz4_legacy *lz4, abx_codec_io *io)
{
    size_t there = lz4->plain_size - lz4->plain_position;
    size_t room = io->output_size - io->output_position;
    size_t count = there < room ? there : room;
    memcpy(io->output + io->output_position, lz4->plain + lz4->plain_position, count);
    io->output_position += count;
    lz4->plain_position += count;
}

static abx_codec_result step(void *state, abx_codec_io *io)
{
    abx_lz4_legacy *lz4 = state;
    while (lz4->plain_position == lz4->plain_size) {
        if (lz4->packed_size == 0) {
            if (io->input_size == 0 && lz4->began && lz4->word_length == 0) {
                return ABX_CODEC_END;
            }
            if (!take_word(lz4, io)) {
                return ABX_CODEC_MORE;
            }
            if (!begin_block(lz4)) {
                return ABX_CODEC_DAMAGED;
            }
            continue;
        }
        lz4->packed_length += take(io, lz4->packed + lz4->packed_length, lz4->packed_size - lz4->packed_length);
        if (lz4->packed_length < lz4->packed_size) {
            return ABX_CODEC_MORE;
        }
        if (!unpack_block(lz4)) {
            return ABX_CODEC_DAMAGED;
        }
    }
    give(lz4, io);
    return ABX_CODEC_MORE;
}

const abx_codec abx_codec_lz4_legacy = { .create = create, .step = step, .destroy = destroy };
