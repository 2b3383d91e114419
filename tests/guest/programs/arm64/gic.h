/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The interrupt controllers of guest programs: GICv3 (Arm IHI 0069), its interface by system registers. */
#ifndef ABX_TESTS_GIC_H
#define ABX_TESTS_GIC_H

#include "vectors.h"

enum { INTID_FIRST_SPI = 32, INTID_VIRTUAL_TIMER = 27, INTID_NONE = 1023, INTID_FIRST_LPI = 8192 };

/* Distributor, redistributor and interface of vCPU 0 on; every interrupt shut. */
void gic_init(void);

/* Lets an SGI, PPI or SPI through to vCPU 0. */
void gic_open(uint32_t intid, int level);

/* Which interrupt is there; and its end. */
static inline uint32_t gic_take(void)
{
    return (uint32_t)read_system("s3_0_c12_c12_0"); /* ICC_IAR1_EL1 */
}

static inline void gic_end(uint32_t intid)
{
    write_system("s3_0_c12_c12_1", intid); /* ICC_EOIR1_EL1 */
}

/* Sends an SGI to vCPU 0. */
static inline void gic_send(uint32_t intid)
{
    write_system("s3_0_c12_c11_5", intid << 24 | 1); /* ICC_SGI1R_EL1 */
}

/* Its ITS on, in zeroed memory from `memory` on (256 KiB): `event` of `device` becomes INTID_FIRST_LPI of vCPU 0. */
void its_init(uint64_t memory, uint32_t device, uint32_t event);

#endif
