/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ITS: messages become LPIs (Arm IHI 0069, chapters 5 and 12). */
#include "gic.h"

#define ITS           0x08080000ul
#define REDISTRIBUTOR 0x080a0000ul

enum {
    GITS_CTLR = 0,
    GITS_CBASER = 0x80,
    GITS_CWRITER = 0x88,
    GITS_CREADR = 0x90,
    GITS_BASER = 0x100,
    GICR_CTLR = 0,
    GICR_PROPBASER = 0x70,
    GICR_PENDBASER = 0x78,
};

/* The tables, 64 KiB apart. */
enum {
    COMMANDS = 0,
    DEVICES = 0x10000,
    COLLECTIONS = 0x20000,
    TRANSLATIONS = 0x28000,
    PROPERTIES = 0x30000,
    PENDING = 0x38000
};

#define VALID  (1ul << 63)
#define CACHED (7ul << 59 | 1ul << 10) /* write-back, inner shareable: where commands and tables are */

static void command(uint64_t memory, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t offset = read64(ITS + GITS_CWRITER);
    volatile uint64_t *slot = (volatile uint64_t *)(memory + COMMANDS + offset);
    slot[0] = a;
    slot[1] = b;
    slot[2] = c;
    slot[3] = 0;
    __asm__ volatile("dsb ish" : : : "memory");
    write64(ITS + GITS_CWRITER, offset + 32);
    while (read64(ITS + GITS_CREADR) != offset + 32)
        ;
}

/* Each table register tells what it is for (12.19.1: Type). */
static void give_tables(uint64_t memory)
{
    for (uint64_t table = ITS + GITS_BASER; table < ITS + GITS_BASER + 64; table += 8) {
        uint64_t type = read64(table) >> 56 & 7;
        if (type == 1)
            write64(table, VALID | CACHED | 2ul << 8 | (memory + DEVICES));
        else if (type == 4)
            write64(table, VALID | CACHED | 2ul << 8 | (memory + COLLECTIONS));
    }
}

static void lpis_on(uint64_t memory)
{
    *(volatile uint8_t *)(memory + PROPERTIES) = 0xa0 | 2 | 1; /* priority, a reserved one, enabled */
    __asm__ volatile("dsb ish" : : : "memory");
    write64(REDISTRIBUTOR + GICR_PROPBASER, (memory + PROPERTIES) | 1ul << 10 | 7ul << 7 | 13);
    write64(REDISTRIBUTOR + GICR_PENDBASER, 1ul << 62 | (memory + PENDING) | 1ul << 10 | 7ul << 7);
    write32(REDISTRIBUTOR + GICR_CTLR, 1);
}

void its_init(uint64_t memory, uint32_t device, uint32_t event)
{
    lpis_on(memory);
    give_tables(memory);
    write64(ITS + GITS_CBASER, VALID | CACHED | (memory + COMMANDS));
    write64(ITS + GITS_CWRITER, 0);
    write32(ITS + GITS_CTLR, 1);
    uint64_t of_device = (uint64_t)device << 32;
    command(memory, 0x08 | of_device, 4, VALID | (memory + TRANSLATIONS));         /* MAPD: 32 events */
    command(memory, 0x09, 0, VALID);                                               /* MAPC: to vCPU 0 */
    command(memory, 0x0a | of_device, event | (uint64_t)INTID_FIRST_LPI << 32, 0); /* MAPTI */
    command(memory, 0x0d, 0, 0);                                                   /* INVALL */
}
