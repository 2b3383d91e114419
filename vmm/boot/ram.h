/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's RAM as boot sees it, and ways to put things there without a copy in between. */
#ifndef ABX_BOOT_RAM_H
#define ABX_BOOT_RAM_H

#include <arcbox/memory.h>

#include "source.h"

typedef struct abx_ram {
    abx_vm *vm;
    uint64_t page_size;
    bool can_discard;
    abx_memory_info *regions; /* ascending */
    size_t count;
} abx_ram;

/* Takes stock of the VM's regions. On success `*out` is the caller's: abx_ram_free(). Errors: ABX_ERR_NO_MEMORY,
 * ABX_ERR_NOT_SUPPORTED (managed backend). */
abx_status abx_ram_open(abx_ram *out, abx_vm *vm) ABX_MUST_CHECK;
void abx_ram_free(abx_ram *ram);

/* Whether [gpa, gpa + length) is writable RAM without a gap. */
bool abx_ram_holds(const abx_ram *ram, abx_gpa gpa, uint64_t length);

/* Reads `length` bytes of `source` at `offset` straight into guest memory. Errors: ABX_ERR_RANGE, and those of
 * abx_source_read(). */
abx_status abx_ram_read(const abx_ram *ram, abx_gpa gpa, const abx_source *source, uint64_t offset,
                        uint64_t length) ABX_MUST_CHECK;

/* Makes a range zeros; whole pages by giving them back, which costs nothing where nobody has touched them. Errors:
 * ABX_ERR_RANGE, ABX_ERR_SYSTEM. */
abx_status abx_ram_zero(const abx_ram *ram, abx_gpa gpa, uint64_t length) ABX_MUST_CHECK;

#endif
