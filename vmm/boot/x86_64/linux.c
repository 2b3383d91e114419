/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Linux by the 64-bit boot protocol: Documentation/arch/x86/boot.rst, "64-bit Boot Protocol", and zero-page.rst. */
#include "../boot_os.h"
#include "../bytes.h"
#include "layout.h"
#include "load.h"
#include "tables.h"

#include <string.h>

/* Offsets in boot_params. */
enum {
    ACPI_RSDP_ADDR = 0x070,
    E820_ENTRIES = 0x1e8,
    TYPE_OF_LOADER = 0x210,
    LOADFLAGS = 0x211,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21c,
    CMD_LINE_PTR = 0x228,
    SETUP_DATA = 0x250,
    E820_TABLE = 0x2d0,
    E820_ENTRY = 20, /* address, length, type */
    BOOT_PARAMS = 4096,

    UNKNOWN_LOADER = 0xff,
    LOADED_HIGH = 1 << 0,

    SETUP_DATA_HEADER = 16, /* next, type, length */
    SETUP_RNG_SEED = 9,
    SEED = 32,
};

static void put_map(uint8_t *boot_params, const abx_guest_map *map)
{
    boot_params[E820_ENTRIES] = (uint8_t)map->count;
    for (size_t i = 0; i < map->count; i++) {
        uint8_t *entry = boot_params + E820_TABLE + i * E820_ENTRY;
        abx_put_le64(entry, map->entries[i].gpa);
        abx_put_le64(entry + 8, map->entries[i].length);
        abx_put_le32(entry + 16, map->entries[i].type);
    }
}

/* A seed for the kernel's random numbers, so that nothing in the guest waits for entropy. Kernels that do not know it
 * pass over it. */
static abx_status put_seed(abx_vm *vm, abx_gpa *setup_data)
{
    uint8_t data[SETUP_DATA_HEADER + SEED] = { 0 };
    *setup_data = 0;
    if (!abx_boot_os_random(data + SETUP_DATA_HEADER, SEED)) {
        return ABX_OK;
    }
    abx_put_le32(data + 8, SETUP_RNG_SEED);
    abx_put_le32(data + 12, SEED);
    *setup_data = ABX_LAYOUT_SETUP_DATA;
    return abx_memory_write(vm, ABX_LAYOUT_SETUP_DATA, data, sizeof(data));
}

static abx_status put_boot_params(const abx_load *load, abx_gpa initrd, uint64_t initrd_length)
{
    uint8_t boot_params[BOOT_PARAMS] = { 0 };
    abx_gpa setup_data;
    abx_status status = put_seed(load->vm, &setup_data);
    if (status != ABX_OK) {
        return status;
    }
    memcpy(boot_params + ABX_SETUP_HEADER, load->kernel->setup.bytes, sizeof(load->kernel->setup.bytes));
    boot_params[TYPE_OF_LOADER] = UNKNOWN_LOADER;
    boot_params[LOADFLAGS] = LOADED_HIGH; /* in particular not that the kernel was moved at random */
    abx_put_le32(boot_params + RAMDISK_IMAGE, (uint32_t)initrd);
    abx_put_le32(boot_params + RAMDISK_SIZE, (uint32_t)initrd_length);
    abx_put_le32(boot_params + CMD_LINE_PTR, ABX_LAYOUT_CMDLINE);
    abx_put_le64(boot_params + SETUP_DATA, setup_data);
    abx_put_le64(boot_params + ACPI_RSDP_ADDR, load->params->acpi_rsdp);
    put_map(boot_params, &load->map);
    return abx_memory_write(load->vm, ABX_LAYOUT_INFO, boot_params, sizeof(boot_params));
}

abx_status abx_load_linux(abx_load *load, abx_boot_entry *entry)
{
    const abx_setup_header *setup = &load->kernel->setup;
    abx_gpa initrd = 0;
    uint64_t initrd_length = 0;
    abx_status status = abx_load_refuse(load->params->module_count > 0, "modules");
    if (status == ABX_OK) {
        status = abx_load_cmdline(load, abx_setup_header_cmdline_max(setup));
    }
    if (status == ABX_OK) {
        status = abx_load_initrd(load, (abx_gpa)abx_setup_header_initrd_max(setup) + 1, &initrd, &initrd_length);
    }
    if (status == ABX_OK) {
        status = put_boot_params(load, initrd, initrd_length);
    }
    if (status == ABX_OK) {
        status = abx_tables_put_gdt(load->vm, true);
    }
    if (status == ABX_OK) {
        status = abx_tables_put_identity(load->vm);
    }
    if (status == ABX_OK) {
        entry->mode = ABX_FLAT_LONG;
        entry->info = ABX_LAYOUT_INFO;
        entry->page_tables = ABX_LAYOUT_PAGE_TABLES;
        entry->stack = ABX_LAYOUT_STACK_TOP;
        entry->gdt = ABX_LAYOUT_GDT;
    }
    return status;
}
