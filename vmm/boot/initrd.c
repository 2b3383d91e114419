/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "load.h"

abx_status abx_load_initrd(const abx_load *load, abx_gpa limit, abx_gpa *gpa, uint64_t *length)
{
    *length = 0;
    if (!load->params->initrd) {
        return ABX_OK;
    }
    abx_source file;
    abx_status status = abx_source_open(&file, load->params->initrd);
    if (status != ABX_OK) {
        return status;
    }
    if (file.size == 0) {
        status = abx_fail(ABX_ERR_FORMAT, 0, "The file is empty.", "load the initrd %s", file.name);
    } else if (!abx_load_place(load, file.size, limit, gpa)) {
        status =
            abx_fail(ABX_ERR_RANGE, 0, "Give the guest more memory.", "load the initrd %s of %llu bytes below 0x%llx",
                     file.name, (unsigned long long)file.size, (unsigned long long)limit);
    } else {
        status = abx_ram_read(&load->ram, *gpa, &file, 0, file.size);
    }
    if (status == ABX_OK) {
        *length = file.size;
    }
    abx_source_close(&file);
    return status;
}
