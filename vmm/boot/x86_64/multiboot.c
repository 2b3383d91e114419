/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The information that a Multiboot kernel is given: Multiboot 0.6.96, section 3.3. */
#include "../bytes.h"
#include "layout.h"
#include "load.h"
#include "tables.h"

#include <limits.h>
#include <string.h>

enum {
    INFO = 116, /* bytes */
    INFO_MEMORY = 1 << 0,
    INFO_CMDLINE = 1 << 2,
    INFO_MODULES = 1 << 3,
    INFO_MAP = 1 << 6,
    INFO_LOADER = 1 << 9,

    MODULE = 16, /* start, end, string, reserved */
    MAX_MODULES = (ABX_LAYOUT_MODULES_END - ABX_LAYOUT_MODULES) / MODULE,
    MAP_ENTRY = 24, /* its size without this field, address, length, type */
};

_Static_assert(INFO <= ABX_LAYOUT_MODULES - ABX_LAYOUT_INFO, "information and modules apart");
_Static_assert(ABX_GUEST_MAP_MAX *MAP_ENTRY <= ABX_LAYOUT_MEMORY_MAP_END - ABX_LAYOUT_MEMORY_MAP, "the map fits");

static const abx_gpa four_gib = 1ull << 32;

/* What has been put into guest memory so far. */
typedef struct abx_multiboot {
    abx_load *load;
    abx_gpa next_module; /* modules follow the kernel, where kernels with small page tables reach them, above 1 MiB */
    abx_gpa next_string; /* strings follow the command line */
    uint32_t module_count;
    uint8_t modules[MAX_MODULES * MODULE];
} abx_multiboot;

static abx_status put_string(abx_multiboot *multiboot, const char *string, abx_gpa *gpa)
{
    size_t length = strlen(string) + 1;
    if (length > ABX_LAYOUT_CMDLINE_END - multiboot->next_string) {
        return abx_fail(ABX_ERR_FORMAT, 0, "Shorten them.", "boot: no room for the strings of all modules");
    }
    *gpa = multiboot->next_string;
    multiboot->next_string += length;
    return abx_memory_write(multiboot->load->vm, *gpa, string, length);
}

static abx_status put_module_file(abx_multiboot *multiboot, const char *path, abx_gpa *gpa, uint64_t *length)
{
    const abx_load *load = multiboot->load;
    abx_source file;
    abx_status status = abx_source_open(&file, path);
    if (status != ABX_OK) {
        return status;
    }
    const abx_gpa from = multiboot->next_module > load->lowest ? multiboot->next_module : load->lowest;
    *length = file.size;
    if (!abx_place_low(&load->map, file.size, (abx_range){ from, four_gib }, gpa)) {
        status = abx_fail(ABX_ERR_RANGE, 0, "Give the guest more memory.", "load the module %s of %llu bytes", path,
                          (unsigned long long)file.size);
    } else {
        status = abx_ram_read(&load->ram, *gpa, &file, 0, file.size);
    }
    abx_source_close(&file);
    return status;
}

/* "FILE" or "FILE ARGUMENTS"; the kernel is given all of it as the module's string. */
static abx_status put_module(abx_multiboot *multiboot, const char *module)
{
    char path[PATH_MAX];
    size_t path_length = module ? strcspn(module, " ") : 0;
    if (path_length == 0 || path_length >= sizeof(path)) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "boot: the name of module %u", multiboot->module_count + 1);
    }
    if (multiboot->module_count == MAX_MODULES) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "boot with more than %d modules", MAX_MODULES);
    }
    memcpy(path, module, path_length);
    path[path_length] = '\0';
    abx_gpa gpa = 0;
    abx_gpa string = 0;
    uint64_t length = 0;
    abx_status status = put_module_file(multiboot, path, &gpa, &length);
    if (status == ABX_OK) {
        status = put_string(multiboot, module, &string);
    }
    if (status != ABX_OK) {
        return status;
    }
    uint8_t *entry = multiboot->modules + (size_t)multiboot->module_count * MODULE;
    abx_put_le32(entry, (uint32_t)gpa);
    abx_put_le32(entry + 4, (uint32_t)(gpa + length));
    abx_put_le32(entry + 8, (uint32_t)string);
    multiboot->next_module = gpa + length;
    multiboot->module_count++;
    return ABX_OK;
}

static abx_status put_modules(abx_multiboot *multiboot)
{
    const abx_boot_params *params = multiboot->load->params;
    abx_status status = ABX_OK;
    if (params->initrd) {
        status = put_module(multiboot, params->initrd);
    }
    for (size_t i = 0; i < params->module_count && status == ABX_OK; i++) {
        status = put_module(multiboot, params->modules[i]);
    }
    if (status == ABX_OK) {
        status = abx_memory_write(multiboot->load->vm, ABX_LAYOUT_MODULES, multiboot->modules,
                                  (size_t)multiboot->module_count * MODULE);
    }
    return status;
}

static abx_status put_map(const abx_load *load)
{
    uint8_t table[ABX_GUEST_MAP_MAX * MAP_ENTRY] = { 0 };
    for (size_t i = 0; i < load->map.count; i++) {
        uint8_t *entry = table + i * MAP_ENTRY;
        abx_put_le32(entry, MAP_ENTRY - 4);
        abx_put_le64(entry + 4, load->map.entries[i].gpa);
        abx_put_le64(entry + 12, load->map.entries[i].length);
        abx_put_le32(entry + 20, load->map.entries[i].type);
    }
    return abx_memory_write(load->vm, ABX_LAYOUT_MEMORY_MAP, table, load->map.count * MAP_ENTRY);
}

/* KiB of RAM from 1 MiB on up to the first gap. */
static uint32_t upper_memory(const abx_guest_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const abx_guest_map_entry *entry = &map->entries[i];
        if (entry->type == ABX_GUEST_MAP_RAM && entry->gpa == ABX_LAYOUT_LEGACY_END) {
            return entry->length >> 10 < UINT32_MAX ? (uint32_t)(entry->length >> 10) : UINT32_MAX;
        }
    }
    return 0;
}

static abx_status put_info(abx_multiboot *multiboot)
{
    const abx_load *load = multiboot->load;
    uint8_t info[INFO] = { 0 };
    abx_gpa loader = 0;
    abx_status status = put_string(multiboot, "ArcBox", &loader);
    if (status != ABX_OK) {
        return status;
    }
    abx_put_le32(info, INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MAP | INFO_LOADER);
    abx_put_le32(info + 4, ABX_LAYOUT_LEGACY >> 10);
    abx_put_le32(info + 8, upper_memory(&load->map));
    abx_put_le32(info + 16, ABX_LAYOUT_CMDLINE);
    abx_put_le32(info + 20, multiboot->module_count);
    abx_put_le32(info + 24, ABX_LAYOUT_MODULES);
    abx_put_le32(info + 44, (uint32_t)(load->map.count * MAP_ENTRY));
    abx_put_le32(info + 48, ABX_LAYOUT_MEMORY_MAP);
    abx_put_le32(info + 64, (uint32_t)loader);
    return abx_memory_write(load->vm, ABX_LAYOUT_INFO, info, sizeof(info));
}

abx_status abx_load_multiboot(abx_load *load, abx_boot_entry *entry)
{
    abx_multiboot multiboot = { .load = load,
                                .next_module = load->kernel->info.load_high,
                                .next_string = ABX_LAYOUT_CMDLINE + strlen(load->cmdline) + 1 };
    abx_status status = abx_load_cmdline(load, UINT64_MAX);
    if (status == ABX_OK) {
        status = put_modules(&multiboot);
    }
    if (status == ABX_OK) {
        status = put_map(load);
    }
    if (status == ABX_OK) {
        status = put_info(&multiboot);
    }
    if (status == ABX_OK) {
        status = abx_tables_put_gdt(load->vm, false);
    }
    if (status == ABX_OK) {
        entry->mode = ABX_FLAT_PROTECTED;
        entry->info = ABX_LAYOUT_INFO;
        entry->gdt = ABX_LAYOUT_GDT;
    }
    return status;
}
