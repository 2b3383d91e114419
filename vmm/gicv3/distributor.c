/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3/state.h"

/* IHI 0069, 12.9. What is not here reads as zero: what affinity routing or one security state leave no meaning to. */
enum {
    GICD_CTLR = 0x0000,
    GICD_TYPER = 0x0004,
    GICD_IIDR = 0x0008,
    GICD_SETSPI_NSR = 0x0040,
    GICD_CLRSPI_NSR = 0x0048,
    GICD_IROUTER = 0x6000,
    GICD_PIDR2 = 0xffe8,

    CTLR_ARE = 1 << 4,
    CTLR_DS = 1 << 6,

    TYPER_MESSAGES = 1 << 16, /* GICD_SETSPI_NSR works */
    TYPER_ID_BITS = 9 << 19,  /* ten bits of INTID */
    TYPER_NO_1_OF_N = 1 << 25,

    IIDR_ARM = 0x43b,
    PIDR2_GICV3 = 3 << 4,

    ROUTE_SIZE = 8,
    INTID_MASK = 0x1fff, /* of a message */
};

#define ROUTE_MASK UINT32_C(0x00ffffff) /* Aff2 to Aff0 */

static uint32_t read_control(const abx_gicv3 *gic, uint64_t offset)
{
    switch (offset) {
    case GICD_CTLR:
        return gic->shared.control | CTLR_ARE | CTLR_DS;
    case GICD_TYPER: /* ITLinesNumber: how many banks come after the first one */
        return TYPER_NO_1_OF_N | TYPER_ID_BITS | TYPER_MESSAGES | GICV3_SPI_BANKS;
    case GICD_IIDR:
        return IIDR_ARM;
    case GICD_PIDR2:
        return PIDR2_GICV3;
    default:
        return 0;
    }
}

/* The route register that an access is of, or NULL: of 64 bits, or by halves of which the upper one is zero. */
static uint32_t *find_route(abx_gicv3 *gic, uint64_t offset, uint32_t size)
{
    uint64_t intid = (offset - GICD_IROUTER) / ROUTE_SIZE;
    bool is_access = (size == 8 || size == 4) && offset % ROUTE_SIZE == 0;
    if (!is_access || offset < GICD_IROUTER || intid < GICV3_FIRST_SPI || intid >= GICV3_INTERRUPTS)
        return NULL;
    return &gic->shared.route[intid - GICV3_FIRST_SPI];
}

/* The bank of a register, or NULL: that of SGIs and PPIs is in the redistributors. */
static gicv3_bank *find_bank(abx_gicv3 *gic, uint64_t offset)
{
    uint32_t bank;
    if (!gicv3_bank_find(offset, &bank) || bank == 0 || bank > GICV3_SPI_BANKS)
        return NULL;
    return &gic->shared.banks[bank - 1];
}

uint64_t gicv3_distributor_read(void *device, uint64_t offset, uint32_t size)
{
    abx_gicv3 *gic = device;
    uint64_t value = 0;
    pthread_mutex_lock(&gic->lock);
    const gicv3_bank *bank = find_bank(gic, offset);
    const uint32_t *route = find_route(gic, offset, size);
    if (bank)
        value = gicv3_bank_read(bank, offset, size);
    else if (route)
        value = *route;
    else if (size == 4)
        value = read_control(gic, offset);
    pthread_mutex_unlock(&gic->lock);
    return value;
}

/* A message to an SPI: an edge, or the level of its line. */
static void take_message(abx_gicv3 *gic, uint32_t intid, bool set)
{
    uint32_t bit;
    if (intid < GICV3_FIRST_SPI || intid >= GICV3_INTERRUPTS)
        return;
    gicv3_bank *bank = gicv3_bank_of(gic, 0, intid, &bit);
    if (!(bank->edge & bit))
        gicv3_bank_set_line(bank, bit, set);
    else if (set)
        bank->latched |= bit;
    else
        bank->latched &= ~bit;
}

static void write_control(abx_gicv3 *gic, uint64_t offset, uint32_t size, uint32_t value)
{
    bool is_message = size == 4 || size == 2;
    if (offset == GICD_CTLR && size == 4)
        gic->shared.control = value & GICD_CTLR_GROUPS;
    else if (offset == GICD_SETSPI_NSR && is_message)
        take_message(gic, value & INTID_MASK, true);
    else if (offset == GICD_CLRSPI_NSR && is_message)
        take_message(gic, value & INTID_MASK, false);
}

void gicv3_distributor_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    abx_gicv3 *gic = device;
    pthread_mutex_lock(&gic->lock);
    gicv3_bank *bank = find_bank(gic, offset);
    uint32_t *route = find_route(gic, offset, size);
    if (bank)
        gicv3_bank_write(bank, offset, size, (uint32_t)value);
    else if (route)
        *route = (uint32_t)value & ROUTE_MASK;
    else
        write_control(gic, offset, size, (uint32_t)value);
    gicv3_update_all(gic);
    pthread_mutex_unlock(&gic->lock);
}
