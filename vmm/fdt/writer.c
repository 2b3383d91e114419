/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt/writer.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CELLS = 32 };

static void keep(abx_fdt_writer *writer, int error)
{
    writer->error = error;
}

void abx_fdt_begin(abx_fdt_writer *writer, void *buffer, size_t capacity)
{
    *writer = (abx_fdt_writer){ .tree = buffer };
    keep(writer, fdt_create(buffer, (int)capacity));
    if (!writer->error)
        keep(writer, fdt_finish_reservemap(buffer));
    abx_fdt_open(writer, "");
}

int abx_fdt_finish(abx_fdt_writer *writer)
{
    abx_fdt_close(writer);
    if (!writer->error)
        keep(writer, fdt_finish(writer->tree));
    return writer->error;
}

void abx_fdt_open(abx_fdt_writer *writer, const char *name)
{
    if (!writer->error)
        keep(writer, fdt_begin_node(writer->tree, name));
}

void abx_fdt_open_at(abx_fdt_writer *writer, const char *name, uint64_t unit)
{
    char full[64];
    (void)snprintf(full, sizeof(full), "%s@%" PRIx64, name, unit);
    abx_fdt_open(writer, full);
}

void abx_fdt_close(abx_fdt_writer *writer)
{
    if (!writer->error)
        keep(writer, fdt_end_node(writer->tree));
}

static void put(abx_fdt_writer *writer, const char *name, const void *value, size_t size)
{
    if (!writer->error)
        keep(writer, fdt_property(writer->tree, name, value, (int)size));
}

void abx_fdt_put_flag(abx_fdt_writer *writer, const char *name)
{
    put(writer, name, NULL, 0);
}

void abx_fdt_put_string(abx_fdt_writer *writer, const char *name, const char *string)
{
    put(writer, name, string, strlen(string) + 1);
}

void abx_fdt_put_strings(abx_fdt_writer *writer, const char *name, const char *strings, size_t size)
{
    put(writer, name, strings, size);
}

void abx_fdt_put_cells(abx_fdt_writer *writer, const char *name, const uint32_t *cells, size_t count)
{
    fdt32_t converted[MAX_CELLS];
    if (count > MAX_CELLS) {
        keep(writer, -FDT_ERR_BADVALUE);
        return;
    }
    for (size_t i = 0; i < count; i++)
        converted[i] = cpu_to_fdt32(cells[i]);
    put(writer, name, converted, count * sizeof(converted[0]));
}

void abx_fdt_put_cell(abx_fdt_writer *writer, const char *name, uint32_t cell)
{
    abx_fdt_put_cells(writer, name, &cell, 1);
}

void abx_fdt_put_ranges(abx_fdt_writer *writer, const uint64_t *pairs, size_t count)
{
    uint32_t cells[MAX_CELLS] = { 0 };
    if (count > MAX_CELLS / 4) {
        keep(writer, -FDT_ERR_BADVALUE);
        return;
    }
    for (size_t i = 0; i < 2 * count; i++) {
        cells[2 * i] = (uint32_t)(pairs[i] >> 32);
        cells[2 * i + 1] = (uint32_t)pairs[i];
    }
    abx_fdt_put_cells(writer, "reg", cells, 4 * count);
}
