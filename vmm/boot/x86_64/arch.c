/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../arch.h"

#include "../bytes.h"
#include "enter.h"
#include "identify.h"
#include "layout.h"
#include "load.h"

#include <string.h>

/* Linux's build appends the unpacked size to what it packs, in 4 bytes; gzip has it there by itself
 * (scripts/Makefile.lib, size_append). */
static abx_status split_payload(abx_packed *packed)
{
    uint8_t trailer[4];
    if (packed->compression == ABX_COMPRESSION_NONE) {
        return ABX_OK;
    }
    uint64_t at = packed->payload.size < sizeof(trailer) ? 0 : packed->payload.size - sizeof(trailer);
    abx_status status = abx_source_read(&packed->payload, at, trailer, sizeof(trailer));
    if (status == ABX_OK) {
        packed->size = abx_get_le32(trailer);
        packed->payload.size -= packed->compression == ABX_COMPRESSION_GZIP ? 0 : sizeof(trailer);
    }
    return status;
}

static abx_status unwrap(abx_kernel *kernel, const uint8_t *head, size_t length, abx_packed *packed, bool *is_linux)
{
    if (!abx_bzimage_is(head, length)) {
        abx_setup_header_default(&kernel->setup);
        return ABX_OK;
    }
    abx_bzimage bz;
    abx_status status = abx_bzimage_parse(&bz, &packed->payload);
    if (status != ABX_OK) {
        return status;
    }
    packed->payload.base = bz.payload_offset;
    packed->payload.size = bz.payload_length;
    status = abx_packed_detect(packed);
    if (status != ABX_OK) {
        return status;
    }
    *is_linux = true;
    kernel->setup = bz.header;
    memcpy(kernel->info.version, bz.version, sizeof(kernel->info.version));
    return split_payload(packed);
}

static abx_status place_flat(const abx_kernel_options *options, const char *name, abx_gpa *address)
{
    const abx_gpa real_mode_end = 1u << 20;
    const abx_gpa others_end = 1ull << 32;
    bool is_real = options->flat_mode == ABX_FLAT_REAL;
    abx_gpa place = options->flat_address;
    if (place == 0) {
        place = is_real ? 0x1000 : 0x100000;
    }
    if (place >= (is_real ? real_mode_end : others_end)) {
        return abx_fail(ABX_ERR_INVALID, 0, "Real mode enters below 1 MiB, the other modes below 4 GiB.",
                        "open %s: address 0x%llx", name, (unsigned long long)place);
    }
    *address = place;
    return ABX_OK;
}

const abx_boot_arch abx_boot_x86_64 = {
    .hole = ABX_LAYOUT_LEGACY,
    .hole_end = ABX_LAYOUT_LEGACY_END,
    .lowest = ABX_LAYOUT_LEGACY_END,
    .unwrap = unwrap,
    .place_flat = place_flat,
    .identify = abx_identify_x86_64,
    .load = abx_load_x86_64,
    .enter = abx_enter_x86_64,
};
