/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Xen's PVH entry: public/arch-x86/hvm/start_info.h, version 1, and docs/misc/pvh.pandoc. */
#include "../bytes.h"
#include "layout.h"
#include "load.h"
#include "tables.h"

enum {
    START_INFO = 56, /* bytes */
    MODULE = 32,
    MAP_ENTRY = 24,
};

static const uint32_t magic = 0x336ec578;

_Static_assert(START_INFO <= ABX_LAYOUT_MODULES - ABX_LAYOUT_INFO, "start info and modules apart");
_Static_assert(ABX_GUEST_MAP_MAX *MAP_ENTRY <= ABX_LAYOUT_MEMORY_MAP_END - ABX_LAYOUT_MEMORY_MAP, "the map fits");

static abx_status put_map(const abx_load *load)
{
    uint8_t table[ABX_GUEST_MAP_MAX * MAP_ENTRY] = { 0 };
    for (size_t i = 0; i < load->map.count; i++) {
        uint8_t *entry = table + i * MAP_ENTRY;
        abx_put_le64(entry, load->map.entries[i].gpa);
        abx_put_le64(entry + 8, load->map.entries[i].length);
        abx_put_le32(entry + 16, load->map.entries[i].type);
    }
    return abx_memory_write(load->vm, ABX_LAYOUT_MEMORY_MAP, table, load->map.count * MAP_ENTRY);
}

static abx_status put_start_info(const abx_load *load, uint32_t modules)
{
    uint8_t info[START_INFO] = { 0 };
    abx_put_le32(info, magic);
    abx_put_le32(info + 4, 1);        /* version */
    abx_put_le32(info + 12, modules); /* their number */
    abx_put_le64(info + 16, modules ? ABX_LAYOUT_MODULES : 0);
    abx_put_le64(info + 24, ABX_LAYOUT_CMDLINE);
    abx_put_le64(info + 32, load->params->acpi_rsdp);
    abx_put_le64(info + 40, ABX_LAYOUT_MEMORY_MAP);
    abx_put_le32(info + 48, (uint32_t)load->map.count);
    return abx_memory_write(load->vm, ABX_LAYOUT_INFO, info, sizeof(info));
}

static abx_status put_initrd(const abx_load *load, uint32_t *modules)
{
    uint8_t module[MODULE] = { 0 };
    abx_gpa gpa = 0;
    uint64_t length = 0;
    abx_status status = abx_load_initrd(load, 1ull << 32, &gpa, &length);
    *modules = length > 0;
    if (status != ABX_OK || length == 0) {
        return status;
    }
    abx_put_le64(module, gpa);
    abx_put_le64(module + 8, length);
    return abx_memory_write(load->vm, ABX_LAYOUT_MODULES, module, sizeof(module));
}

abx_status abx_load_pvh(abx_load *load, abx_boot_entry *entry)
{
    uint32_t modules = 0;
    abx_status status = abx_load_refuse(load->params->module_count > 0, "modules but an initrd");
    if (status == ABX_OK) {
        status = abx_load_cmdline(load, UINT64_MAX);
    }
    if (status == ABX_OK) {
        status = put_initrd(load, &modules);
    }
    if (status == ABX_OK) {
        status = put_map(load);
    }
    if (status == ABX_OK) {
        status = put_start_info(load, modules);
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
