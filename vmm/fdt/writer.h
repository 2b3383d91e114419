/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes a flattened device tree (Devicetree Specification 0.4, chapter 5) from front to back. The first error stays
 * and makes everything after it do nothing, so that it is asked for once, at the end.
 */
#ifndef ABX_VMM_FDT_WRITER_H
#define ABX_VMM_FDT_WRITER_H

#include <stddef.h>
#include <stdint.h>

typedef struct abx_fdt_writer {
    void *tree;
    int error; /* 0, or libfdt's */
} abx_fdt_writer;

/* Begins a tree, and its root node, in `buffer`. */
void abx_fdt_begin(abx_fdt_writer *writer, void *buffer, size_t capacity);

/* Ends both. Returns 0 or the error of whatever failed. */
int abx_fdt_finish(abx_fdt_writer *writer);

/* A node inside the one that is open. The second form adds "@unit". */
void abx_fdt_open(abx_fdt_writer *writer, const char *name);
void abx_fdt_open_at(abx_fdt_writer *writer, const char *name, uint64_t unit);
void abx_fdt_close(abx_fdt_writer *writer);

/* Properties of the open node; they come before its inner nodes. Cells are numbers of 32 bits. `strings` holds several,
 * each with its zero, as "a\0b": `size` counts the last zero as well. */
void abx_fdt_put_flag(abx_fdt_writer *writer, const char *name);
void abx_fdt_put_string(abx_fdt_writer *writer, const char *name, const char *string);
void abx_fdt_put_strings(abx_fdt_writer *writer, const char *name, const char *strings, size_t size);
void abx_fdt_put_cells(abx_fdt_writer *writer, const char *name, const uint32_t *cells, size_t count);
void abx_fdt_put_cell(abx_fdt_writer *writer, const char *name, uint32_t cell);

/* reg of `count` ranges in two cells each for address and length: { address, length, … }. */
void abx_fdt_put_ranges(abx_fdt_writer *writer, const uint64_t *pairs, size_t count);

#endif
