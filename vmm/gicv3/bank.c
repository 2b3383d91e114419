/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3/state.h"

#include <string.h>

/* IHI 0069, 12.9 and 12.11: where each array of registers begins. */
enum {
    IGROUPR = 0x080,
    ISENABLER = 0x100,
    ICENABLER = 0x180,
    ISPENDR = 0x200,
    ICPENDR = 0x280,
    ISACTIVER = 0x300,
    ICACTIVER = 0x380,
    IPRIORITYR = 0x400, /* a byte for each interrupt */
    ITARGETSR = 0x800,
    ICFGR = 0xc00, /* two bits for each interrupt, of which the upper one says edge */
    IGRPMODR = 0xd00,

    ARRAY = 0x80, /* the size of one with a bit for each interrupt */
    PER_ICFGR = 16,
};

bool gicv3_bank_find(uint64_t offset, uint32_t *bank)
{
    if (offset >= IGROUPR && offset < IPRIORITYR)
        *bank = (uint32_t)(offset % ARRAY / sizeof(uint32_t));
    else if (offset >= IPRIORITYR && offset < ITARGETSR)
        *bank = (uint32_t)(offset - IPRIORITYR) / GICV3_PER_BANK;
    else if (offset >= ICFGR && offset < IGRPMODR)
        *bank = (uint32_t)(offset - ICFGR) / (2 * sizeof(uint32_t));
    else
        return false;
    return true;
}

static bool is_priority(uint64_t offset)
{
    return offset >= IPRIORITYR && offset < ITARGETSR;
}

/* Words only, but for priorities: they can be accessed by bytes as well (12.1.3). */
static bool is_access(uint64_t offset, uint32_t size)
{
    return (size == sizeof(uint32_t) && offset % size == 0) || (size == 1 && is_priority(offset));
}

/* Every second bit of a word, from bit 1 on, is one of 16 bits. */
static uint32_t spread(uint32_t bits)
{
    uint32_t word = 0;
    for (unsigned i = 0; i < PER_ICFGR; i++)
        word |= (bits >> i & 1) << (2 * i + 1);
    return word;
}

static uint32_t gather(uint32_t word)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < PER_ICFGR; i++)
        bits |= (word >> (2 * i + 1) & 1) << i;
    return bits;
}

/* By which of the bank's interrupts a register of ICFGR begins. */
static unsigned first_of_icfgr(uint64_t offset)
{
    return offset % (2 * sizeof(uint32_t)) ? PER_ICFGR : 0;
}

static uint32_t read_priorities(const gicv3_bank *bank, uint64_t offset, uint32_t size)
{
    uint32_t value = 0;
    memcpy(&value, &bank->priority[offset % GICV3_PER_BANK], size);
    return value;
}

static void write_priorities(gicv3_bank *bank, uint64_t offset, uint32_t size, uint32_t value)
{
    for (uint32_t i = 0; i < size; i++, value >>= 8)
        bank->priority[offset % GICV3_PER_BANK + i] = (uint8_t)(value & GICV3_PRIORITY_MASK);
}

uint32_t gicv3_bank_read(const gicv3_bank *bank, uint64_t offset, uint32_t size)
{
    if (!is_access(offset, size))
        return 0;
    if (is_priority(offset))
        return read_priorities(bank, offset, size);
    if (offset >= ICFGR)
        return spread(bank->edge >> first_of_icfgr(offset) & 0xffff);
    switch (offset / ARRAY * ARRAY) {
    case IGROUPR:
        return bank->group1;
    case ISENABLER:
    case ICENABLER:
        return bank->enabled;
    case ISPENDR:
    case ICPENDR:
        return bank->latched | (bank->level & ~bank->edge);
    default: /* ISACTIVER, ICACTIVER */
        return bank->active;
    }
}

void gicv3_bank_write(gicv3_bank *bank, uint64_t offset, uint32_t size, uint32_t value)
{
    if (!is_access(offset, size))
        return;
    if (is_priority(offset)) {
        write_priorities(bank, offset, size, value);
        return;
    }
    if (offset >= ICFGR) {
        unsigned first = first_of_icfgr(offset);
        bank->edge = (bank->edge & ~(UINT32_C(0xffff) << first)) | gather(value) << first;
        return;
    }
    switch (offset / ARRAY * ARRAY) {
    case IGROUPR:
        bank->group1 = value;
        break;
    case ISENABLER:
        bank->enabled |= value;
        break;
    case ICENABLER:
        bank->enabled &= ~value;
        break;
    case ISPENDR:
        bank->latched |= value;
        break;
    case ICPENDR: /* a level-sensitive one stays pending while its line is high */
        bank->latched &= ~value;
        break;
    case ISACTIVER:
        bank->active |= value;
        break;
    default: /* ICACTIVER */
        bank->active &= ~value;
        break;
    }
}

void gicv3_bank_set_line(gicv3_bank *bank, uint32_t bit, bool level)
{
    if (!level) {
        bank->level &= ~bit;
        return;
    }
    bank->latched |= bit & bank->edge & ~bank->level;
    bank->level |= bit;
}
