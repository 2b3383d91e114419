/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Raw bytes: boot takes no more memory than the processor mode needs. */
#include "../bytes.h"
#include "layout.h"
#include "load.h"
#include "tables.h"

static abx_status check_apart(const abx_load *load, abx_gpa low, abx_gpa high)
{
    const abx_kernel_info *info = &load->kernel->info;
    if (abx_overlap(info->load_low, info->load_high - info->load_low, low, high - low) ||
        !abx_ram_holds(&load->ram, low, high - low)) {
        return abx_fail(ABX_ERR_RANGE, 0, "Load the image elsewhere.",
                        "load %s: its processor mode needs RAM of its own from 0x%llx to 0x%llx", load->kernel->path,
                        (unsigned long long)low, (unsigned long long)high);
    }
    return ABX_OK;
}

static abx_status prepare_protected(const abx_load *load, abx_boot_entry *entry)
{
    abx_status status = check_apart(load, ABX_LAYOUT_GDT, ABX_LAYOUT_GDT + ABX_LAYOUT_PAGE);
    if (status == ABX_OK) {
        status = abx_tables_put_gdt(load->vm, false);
    }
    entry->gdt = ABX_LAYOUT_GDT;
    return status;
}

static abx_status prepare_long(const abx_load *load, abx_boot_entry *entry)
{
    abx_status status = check_apart(load, ABX_LAYOUT_GDT, ABX_LAYOUT_GDT + ABX_LAYOUT_PAGE);
    if (status == ABX_OK) {
        status = check_apart(load, ABX_LAYOUT_PAGE_TABLES, ABX_LAYOUT_STACK_TOP);
    }
    if (status == ABX_OK) {
        status = abx_tables_put_gdt(load->vm, true);
    }
    if (status == ABX_OK) {
        status = abx_tables_put_identity(load->vm);
    }
    entry->gdt = ABX_LAYOUT_GDT;
    entry->page_tables = ABX_LAYOUT_PAGE_TABLES;
    entry->stack = ABX_LAYOUT_STACK_TOP;
    return status;
}

abx_status abx_load_flat(abx_load *load, abx_boot_entry *entry)
{
    abx_status status = abx_load_refuse(load->cmdline[0] != '\0', "command line");
    if (status == ABX_OK) {
        status = abx_load_refuse(load->params->initrd != NULL, "initrd");
    }
    if (status == ABX_OK) {
        status = abx_load_refuse(load->params->module_count > 0, "modules");
    }
    if (status != ABX_OK) {
        return status;
    }
    entry->mode = load->kernel->mode;
    switch (entry->mode) {
    case ABX_FLAT_PROTECTED:
        return prepare_protected(load, entry);
    case ABX_FLAT_LONG:
        return prepare_long(load, entry);
    default:
        return ABX_OK;
    }
}
