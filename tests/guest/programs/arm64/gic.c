/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic.h"

/* Addresses: arcbox/arm64.h. Offsets: IHI 0069, 12.8 and 12.10. */
#define DISTRIBUTOR   0x08000000ul
#define REDISTRIBUTOR 0x080a0000ul
#define OWN           (REDISTRIBUTOR + 0x10000) /* SGIs and PPIs */

enum {
    GICD_CTLR = 0,
    GICD_IGROUPR = 0x80,
    GICD_ISENABLER = 0x100,
    GICD_ICFGR = 0xc00,
    GICD_IROUTER = 0x6000,
    GICR_WAKER = 0x14,
};

void gic_init(void)
{
    write_system("s3_0_c12_c12_5", 1);                   /* ICC_SRE_EL1: by system registers */
    write32(DISTRIBUTOR + GICD_CTLR, 1u << 4 | 1u << 1); /* ARE, EnableGrp1 */
    write32(REDISTRIBUTOR + GICR_WAKER, 0);
    while (read32(REDISTRIBUTOR + GICR_WAKER) & 1u << 2) /* ChildrenAsleep */
        ;
    write_system("s3_0_c4_c6_0", 0xff); /* ICC_PMR_EL1: every priority */
    write_system("s3_0_c12_c12_7", 1);  /* ICC_IGRPEN1_EL1 */
}

void gic_open(uint32_t intid, int level)
{
    uint64_t frame = intid < INTID_FIRST_SPI ? OWN : DISTRIBUTOR;
    uint64_t word = 4ul * (intid / 32);
    uint32_t bit = 1u << intid % 32;
    write32(frame + GICD_IGROUPR + word, read32(frame + GICD_IGROUPR + word) | bit);
    if (intid >= INTID_FIRST_SPI) {
        uint64_t kinds = frame + GICD_ICFGR + 4ul * (intid / 16);
        uint32_t edge = 2u << 2 * (intid % 16);
        write32(kinds, level ? read32(kinds) & ~edge : read32(kinds) | edge);
        write64(frame + GICD_IROUTER + 8ul * intid, 0);
    }
    write32(frame + GICD_ISENABLER + word, bit);
}
