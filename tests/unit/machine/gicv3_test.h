/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A controller on a bus of its own, and a guest's accesses to it. */
#ifndef TESTS_GICV3_TEST_H
#define TESTS_GICV3_TEST_H

#include "machine_test.h"

#include "gicv3/gicv3.h"

/* IHI 0069, 12.9 and 12.11. Those of private interrupts have the same offsets in the redistributor's second frame. */
enum {
    GICD_CTLR = 0x0000,
    GICD_TYPER = 0x0004,
    GICD_SETSPI_NSR = 0x0040,
    GICD_CLRSPI_NSR = 0x0048,
    GICD_IGROUPR = 0x0080,
    GICD_ISENABLER = 0x0100,
    GICD_ICENABLER = 0x0180,
    GICD_ISPENDR = 0x0200,
    GICD_ICPENDR = 0x0280,
    GICD_ISACTIVER = 0x0300,
    GICD_ICACTIVER = 0x0380,
    GICD_IPRIORITYR = 0x0400,
    GICD_ICFGR = 0x0c00,
    GICD_IROUTER = 0x6000,
    GICD_PIDR2 = 0xffe8,
    GICR_TYPER = 0x0008,
    GICR_WAKER = 0x0014,
    GICR_FRAME = 0x10000,

    SPI = 32, /* INTID of the first one */
    PPI = 16,
    NONE = 1023,
};

#define ICC(crn, crm, op2) ABX_ARM64_SYSREG_NUMBER(3, 0, crn, crm, op2)
#define ICC_PMR            ICC(4, 6, 0)
#define ICC_IAR0           ICC(12, 8, 0)
#define ICC_EOIR0          ICC(12, 8, 1)
#define ICC_HPPIR0         ICC(12, 8, 2)
#define ICC_BPR0           ICC(12, 8, 3)
#define ICC_AP0R0          ICC(12, 8, 4)
#define ICC_AP1R0          ICC(12, 9, 0)
#define ICC_DIR            ICC(12, 11, 1)
#define ICC_RPR            ICC(12, 11, 3)
#define ICC_SGI1R          ICC(12, 11, 5)
#define ICC_ASGI1R         ICC(12, 11, 6)
#define ICC_SGI0R          ICC(12, 11, 7)
#define ICC_IAR1           ICC(12, 12, 0)
#define ICC_EOIR1          ICC(12, 12, 1)
#define ICC_HPPIR1         ICC(12, 12, 2)
#define ICC_BPR1           ICC(12, 12, 3)
#define ICC_CTLR           ICC(12, 12, 4)
#define ICC_SRE            ICC(12, 12, 5)
#define ICC_IGRPEN0        ICC(12, 12, 6)
#define ICC_IGRPEN1        ICC(12, 12, 7)

/* The controller, and how often each vCPU was woken. */
extern abx_gicv3 *gic;
extern unsigned gic_woken[ABX_GICV3_CPUS];

/* A new one, reset, or with everything open: groups, interfaces, priority masks, SPIs and private interrupts of Group 1
 * at priority 0xa0. */
void gic_begin(uint32_t cpus);
void gic_begin_open(uint32_t cpus);
void gic_end(void);

/* Loads and stores of 32 bits, at the distributor, or in either frame of a redistributor. */
uint32_t gicd_read(uint32_t offset);
void gicd_write(uint32_t offset, uint32_t value);
uint32_t gicr_read(uint32_t cpu, uint32_t offset);
void gicr_write(uint32_t cpu, uint32_t offset, uint32_t value);

/* An access of any size to an address. */
uint64_t gic_load(uint64_t address, uint8_t size);
void gic_store(uint64_t address, uint8_t size, uint64_t value);

/* System registers; `known` is whether the controller has it. */
bool gic_known(uint32_t reg, abx_direction direction);
uint64_t icc_read(uint32_t cpu, uint32_t reg);
void icc_write(uint32_t cpu, uint32_t reg, uint64_t value);

/* ICC_IAR1_EL1 and ICC_EOIR1_EL1. */
uint32_t gic_take(uint32_t cpu);
void gic_finish(uint32_t cpu, uint32_t intid);

/* A bit of an array of registers, for an interrupt as `cpu` sees it. */
void gic_set_bit(uint32_t cpu, uint32_t array, uint32_t intid);
bool gic_bit(uint32_t cpu, uint32_t array, uint32_t intid);
void gic_set_priority(uint32_t cpu, uint32_t intid, uint8_t priority);
void gic_set_edge(uint32_t spi, bool edge);
void gic_route(uint32_t spi, uint64_t affinity);

#endif
