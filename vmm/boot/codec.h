/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A decompressor as a value: one constant table per format, so that unpacking is written once. */
#ifndef ABX_BOOT_CODEC_H
#define ABX_BOOT_CODEC_H

#include <arcbox/error.h>

typedef enum abx_codec_result {
    ABX_CODEC_MORE, /* go on: it wants input or room for output */
    ABX_CODEC_END,  /* the stream is complete */
    ABX_CODEC_DAMAGED,
    ABX_CODEC_NO_MEMORY, /* the host has none, or the stream asks for more than a kernel needs */
} abx_codec_result;

/* What a step reads and writes; it moves the positions. */
typedef struct abx_codec_io {
    const uint8_t *input;
    size_t input_size;
    size_t input_position;
    uint8_t *output;
    size_t output_size;
    size_t output_position;
} abx_codec_io;

typedef struct abx_codec {
    void *(*create)(void); /* NULL: no memory */
    abx_codec_result (*step)(void *state, abx_codec_io *io);
    void (*destroy)(void *state);
} abx_codec;

extern const abx_codec abx_codec_gzip;
extern const abx_codec abx_codec_lzma; /* and xz: liblzma tells them apart */
extern const abx_codec abx_codec_zstd;
extern const abx_codec abx_codec_lz4;        /* LZ4 frames */
extern const abx_codec abx_codec_lz4_legacy; /* the older format, which Linux uses: blocks of 8 MiB */

#endif
