/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../arch.h"

#include "enter.h"
#include "identify.h"
#include "load.h"
#include "zboot.h"

#include <arcbox/arm64.h>

static abx_status unwrap(abx_kernel *kernel, const uint8_t *head, size_t length, abx_packed *packed, bool *is_linux)
{
    (void)kernel;
    if (!abx_zboot_is(head, length)) {
        return ABX_OK;
    }
    *is_linux = true;
    return abx_zboot_unwrap(packed);
}

static abx_status place_flat(const abx_kernel_options *options, const char *name, abx_gpa *address)
{
    abx_gpa place = options->flat_address ? options->flat_address : ABX_ARM64_RAM;
    if (options->flat_mode != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, "On arm64 it is EL1.", "open %s: processor modes are those of x86_64",
                        name);
    }
    if (place % 4 != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, "It must be a multiple of 4.", "open %s: address 0x%llx", name,
                        (unsigned long long)place);
    }
    *address = place;
    return ABX_OK;
}

const abx_boot_arch abx_boot_arm64 = {
    .lowest = ABX_ARM64_RAM,
    .unwrap = unwrap,
    .place_flat = place_flat,
    .identify = abx_identify_arm64,
    .load = abx_load_arm64,
    .enter = abx_enter_arm64,
};
