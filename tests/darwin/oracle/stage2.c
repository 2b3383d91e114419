/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "stage2.h"

#include "system.h"

/* 4 KiB granule, 36 bits: level 1 with blocks of 1 GiB, two tables of level 2 with blocks of 2 MiB. */
enum { ENTRIES = 512, BLOCK_BITS = 21, TABLE_BITS = 30, TABLES = 2 };

static uint64_t level_1[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level_2[TABLES][ENTRIES] __attribute__((aligned(4096)));

/* Of a block descriptor (D8.3.2): valid, normal memory, accessed, inner shareable. */
#define BLOCK    (UINT64_C(1) | 0xf << 2 | 3 << 8 | 1 << 10)
#define READABLE (UINT64_C(1) << 6)
#define WRITABLE (UINT64_C(1) << 7)
#define TABLE    UINT64_C(3)

void stage2_map(uint32_t ipa, uint64_t address, bool writable)
{
    level_2[ipa >> TABLE_BITS][ipa >> BLOCK_BITS & (ENTRIES - 1)] =
        address | BLOCK | READABLE | (writable ? WRITABLE : 0);
}

void stage2_on(void)
{
    for (uint32_t i = 0; i < TABLES; i++)
        level_1[i] = (uint64_t)level_2[i] | TABLE;
    /* VTCR_EL2: 36 bits of input and output, first level 1, 4 KiB, write-back and inner shareable tables. */
    write_system(vtcr_el2, UINT64_C(1) << 31 | 1 << 16 | 3 << 12 | 1 << 10 | 1 << 8 | 1 << 6 | (64 - 36));
    write_system(vttbr_el2, (uint64_t)level_1);
    __asm__ volatile("dsb sy; tlbi vmalls12e1; dsb sy; ic iallu; isb" : : : "memory");
}
