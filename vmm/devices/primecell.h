/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What all PrimeCell peripherals of Arm have in common: 4 KiB of registers, the last of which say what it is. */
#ifndef ABX_VMM_DEVICES_PRIMECELL_H
#define ABX_VMM_DEVICES_PRIMECELL_H

#include <stdbool.h>
#include <stdint.h>

enum { ABX_PRIMECELL_SIZE = 0x1000, ABX_PRIMECELL_IDS = 0xfe0 };

/* What register `offset` from ABX_PRIMECELL_IDS on reads: PeriphID0 to 3 of part number `part` in revision `revision`
 * of Arm's, then PCellID0 to 3 (DDI 0183, section 3.3.16 to 3.3.23, and the same in the others' manuals). */
uint32_t abx_primecell_id(uint32_t part, uint32_t revision, uint64_t offset);

#endif
