/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kernel_check.h"

#include "arch.h"
#include "bytes.h"
#include "elf_format.h"
#include "foreign.h"
#include "kernel.h"

#include <string.h>

enum { HEAD = 1024 };

static const char *find_foreign(abx_arch arch, const uint8_t *head, size_t length)
{
    if (length < sizeof(Elf32_Ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0) {
        return abx_foreign_image(arch, head, length);
    }
    uint16_t machine = abx_get_le16(head + offsetof(Elf32_Ehdr, e_machine));
    return abx_foreign_machine(arch, machine, head[EI_DATA] == ELFDATA2MSB);
}

static abx_status check(const abx_source *file, abx_arch arch)
{
    uint8_t head[HEAD];
    size_t length = file->size < sizeof(head) ? (size_t)file->size : sizeof(head);
    abx_status status = abx_source_read(file, 0, head, length);
    if (status != ABX_OK) {
        return status;
    }
    abx_kernel parts = { .image.fd = -1 };
    abx_packed packed = { .payload = *file, .compression = abx_compression_detect(head, length) };
    bool is_linux = false;
    status = abx_boot_arch_of(arch)->unwrap(&parts, head, length, &packed, &is_linux);
    if (status != ABX_OK || is_linux) {
        return status;
    }
    const char *foreign = find_foreign(arch, head, length);
    return foreign ? abx_foreign_fail(arch, file->name, foreign) : ABX_OK;
}

abx_status abx_kernel_check(const char *path, abx_arch arch)
{
    abx_source file;
    if (!abx_boot_arch_of(arch) || abx_source_open(&file, path) != ABX_OK) {
        return ABX_OK;
    }
    abx_status status = check(&file, arch);
    abx_source_close(&file);
    return status == ABX_ERR_FORMAT ? status : ABX_OK;
}
