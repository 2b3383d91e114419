/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Saved state: a head, what is shared, and what each vCPU has, in words of 32 bits, little endian. */
#include "gicv3/state.h"

#include <string.h>

enum {
    MAGIC = 0x33434947, /* "GIC3" */
    VERSION = 1,
    BANK_SIZE = 6 * 4 + GICV3_PER_BANK,
    PRIVATE_SIZE = BANK_SIZE + 9 * 4,
    SHARED_SIZE = 4 + GICV3_SPI_BANKS * BANK_SIZE + ABX_GICV3_SPIS * 4,
};
_Static_assert(sizeof(gicv3_private) == PRIVATE_SIZE, "the layout of version 1");
_Static_assert(sizeof(gicv3_shared) == SHARED_SIZE, "the layout of version 1");

typedef struct head {
    uint32_t magic;
    uint32_t version;
    uint32_t cpus;
    uint32_t spis;
} head;

static head head_of(const abx_gicv3 *gic)
{
    return (head){ MAGIC, VERSION, gic->cpu_count, ABX_GICV3_SPIS };
}

static size_t size_of(const abx_gicv3 *gic)
{
    return sizeof(head) + sizeof(gicv3_shared) + gic->cpu_count * sizeof(gicv3_private);
}

abx_status abx_gicv3_save(abx_gicv3 *gic, void *buffer, size_t capacity, size_t *size)
{
    *size = size_of(gic);
    if (capacity == 0)
        return ABX_OK;
    if (capacity < *size)
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "save %zu bytes of an interrupt controller's state into %zu", *size,
                        capacity);
    const head top = head_of(gic);
    uint8_t *to = buffer;
    memcpy(to, &top, sizeof(top));
    to += sizeof(top);
    pthread_mutex_lock(&gic->lock);
    memcpy(to, &gic->shared, sizeof(gic->shared));
    to += sizeof(gic->shared);
    for (uint32_t cpu = 0; cpu < gic->cpu_count; cpu++, to += sizeof(gicv3_private))
        memcpy(to, &gic->cpus[cpu].state, sizeof(gicv3_private));
    pthread_mutex_unlock(&gic->lock);
    return ABX_OK;
}

static bool is_bank(const gicv3_bank *bank)
{
    for (uint32_t i = 0; i < GICV3_PER_BANK; i++) {
        if (bank->priority[i] & ~GICV3_PRIORITY_MASK)
            return false;
    }
    return true;
}

static bool is_interface(const gicv3_interface *interface)
{
    const uint32_t *point = interface->binary_point, *enabled = interface->enabled;
    return interface->control <= (ICC_CTLR_CBPR | ICC_CTLR_EOI_MODE) &&
           !(interface->priority_mask & ~(uint32_t)GICV3_PRIORITY_MASK) && point[0] >= 2 && point[0] <= 7 &&
           point[1] >= 3 && point[1] <= 7 && enabled[0] <= 1 && enabled[1] <= 1;
}

static bool is_private(const gicv3_private *state)
{
    return is_bank(&state->bank) && state->bank.edge == 0xffff && is_interface(&state->interface) && state->asleep <= 1;
}

static bool is_shared(const gicv3_shared *shared)
{
    bool good = shared->control <= GICD_CTLR_GROUPS;
    for (uint32_t i = 0; i < GICV3_SPI_BANKS; i++)
        good = good && is_bank(&shared->banks[i]);
    for (uint32_t i = 0; i < ABX_GICV3_SPIS; i++)
        good = good && shared->route[i] <= 0xffffff;
    return good;
}

/* The n-th vCPU's part of a block. It may lie anywhere: it is copied. */
static gicv3_private private_of(const uint8_t *block, uint32_t cpu)
{
    gicv3_private state;
    memcpy(&state, block + sizeof(head) + sizeof(gicv3_shared) + cpu * sizeof(state), sizeof(state));
    return state;
}

static abx_status check(const abx_gicv3 *gic, const uint8_t *block, size_t size, gicv3_shared *shared)
{
    static const char operation[] = "restore the state of an interrupt controller";
    const head here = head_of(gic);
    if (size != size_of(gic) || memcmp(block, &here, sizeof(here)) != 0)
        return abx_fail(ABX_ERR_FORMAT, 0, "It is of another kind of machine, or of another number of vCPUs.", "%s",
                        operation);
    memcpy(shared, block + sizeof(head), sizeof(*shared));
    bool good = is_shared(shared);
    for (uint32_t cpu = 0; good && cpu < gic->cpu_count; cpu++) {
        const gicv3_private state = private_of(block, cpu);
        good = is_private(&state);
    }
    return good ? ABX_OK : abx_fail(ABX_ERR_FORMAT, 0, "It is damaged.", "%s", operation);
}

abx_status abx_gicv3_restore(abx_gicv3 *gic, const void *buffer, size_t size)
{
    gicv3_shared shared;
    abx_status status = check(gic, buffer, size, &shared);
    if (status != ABX_OK)
        return status;
    pthread_mutex_lock(&gic->lock);
    gic->shared = shared;
    for (uint32_t cpu = 0; cpu < gic->cpu_count; cpu++)
        gic->cpus[cpu].state = private_of(buffer, cpu);
    gicv3_update_all(gic);
    pthread_mutex_unlock(&gic->lock);
    return ABX_OK;
}
