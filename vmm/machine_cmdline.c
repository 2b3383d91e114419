/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_cmdline.h"

#include "machine_virtio.h"
#include "virtio/mmio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "virtio_mmio.device=0x200@0xd0000000:15 " and some more. */
enum { ROOM = 64 };

static size_t write_device(char *text, uint32_t index)
{
    abx_virtio_place place = abx_machine_place_virtio(ABX_ARCH_X86_64, false, index);
    return (size_t)snprintf(text, ROOM, "virtio_mmio.device=%#x@%#" PRIx64 ":%" PRIu32 " ", ABX_VIRTIO_MMIO_SIZE,
                            place.base, place.line);
}

abx_status abx_machine_build_cmdline(char **out, const abx_machine_config *config, abx_arch arch, bool acpi,
                                     abx_image_kind kind)
{
    const char *own = config->cmdline ? config->cmdline : "";
    uint32_t count = abx_machine_count_virtio(config);
    bool is_linux = kind == ABX_IMAGE_LINUX || kind == ABX_IMAGE_PVH;
    *out = NULL;
    if (arch != ABX_ARCH_X86_64 || acpi || !is_linux || count == 0)
        return ABX_OK;
    size_t size = count * ROOM + strlen(own) + 1;
    char *text = malloc(size);
    if (!text)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "write the kernel's command line");
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++)
        length += write_device(text + length, i);
    memcpy(text + length, own, strlen(own) + 1);
    *out = text;
    return ABX_OK;
}
