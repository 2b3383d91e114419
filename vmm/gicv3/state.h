/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the controller's own files know of it. All of it is under the lock, but for what is atomic. */
#ifndef ABX_VMM_GICV3_STATE_H
#define ABX_VMM_GICV3_STATE_H

#include "gicv3/gicv3.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    GICV3_FIRST_PPI = 16,
    GICV3_FIRST_SPI = 32,
    GICV3_INTERRUPTS = GICV3_FIRST_SPI + ABX_GICV3_SPIS,
    GICV3_PER_BANK = 32,
    GICV3_SPI_BANKS = ABX_GICV3_SPIS / GICV3_PER_BANK,
    GICV3_SPURIOUS = 1023, /* the INTID that says: none (2.2.1) */
    GICV3_FIRST_SPECIAL = 1020,

    /* The five upper bits of a priority, all of which take part in preemption (4.8). */
    GICV3_PRIORITY_SHIFT = 3,
    GICV3_PRIORITY_MASK = 0xf8,

    GICV3_NOBODY = UINT16_MAX, /* in place of a vCPU's number */
};

/* Words of 32 interrupts, a bit for each. The layout is that of saved blocks. */
typedef struct gicv3_bank {
    uint32_t group1; /* else Group 0 */
    uint32_t enabled;
    uint32_t latched; /* pending by an edge, a message or software */
    uint32_t level;   /* of the line; makes level-sensitive ones pending */
    uint32_t active;
    uint32_t edge; /* else level-sensitive */
    uint8_t priority[GICV3_PER_BANK];
} gicv3_bank;

/* GICD_CTLR and ICC_CTLR_EL1: the bits that can be changed. */
enum {
    GICD_CTLR_GROUPS = 3, /* EnableGrp0, EnableGrp1 */
    ICC_CTLR_CBPR = 1 << 0,
    ICC_CTLR_EOI_MODE = 1 << 1,
};

/* A processor's interface (ICC_*_EL1); two of what both groups have. The layout is that of saved blocks. */
typedef struct gicv3_interface {
    uint32_t control;
    uint32_t priority_mask;
    uint32_t binary_point[2];
    uint32_t enabled[2];
    uint32_t active_priorities[2];
} gicv3_interface;

/* What each vCPU has. The layout is that of saved blocks. */
typedef struct gicv3_private {
    gicv3_bank bank; /* SGIs and PPIs */
    gicv3_interface interface;
    uint32_t asleep; /* GICR_WAKER.ProcessorSleep */
} gicv3_private;

/* What all vCPUs share. The layout is that of saved blocks. */
typedef struct gicv3_shared {
    uint32_t control; /* GICD_CTLR */
    gicv3_bank banks[GICV3_SPI_BANKS];
    uint32_t route[ABX_GICV3_SPIS]; /* GICD_IROUTER: affinities */
} gicv3_shared;

/* The pending interrupt that goes before all others. */
typedef struct gicv3_best {
    uint32_t intid; /* or GICV3_SPURIOUS */
    uint32_t priority;
    unsigned group;
} gicv3_best;

typedef struct gicv3_cpu {
    gicv3_private state;
    gicv3_best best;    /* follows from all state: signal.c */
    atomic_uint inputs; /* likewise */
} gicv3_cpu;

struct abx_gicv3 {
    pthread_mutex_t lock;
    abx_gicv3_wake wake;
    void *machine;
    gicv3_shared shared;
    uint32_t cpu_count;
    gicv3_cpu cpus[];
};

/* bank.c: the registers that distributor and redistributors have at the same offsets. */

/* Whether `offset` is of such a register, and if so which bank's it is. */
bool gicv3_bank_find(uint64_t offset, uint32_t *bank);
uint32_t gicv3_bank_read(const gicv3_bank *bank, uint64_t offset, uint32_t size);
void gicv3_bank_write(gicv3_bank *bank, uint64_t offset, uint32_t size, uint32_t value);
void gicv3_bank_set_line(gicv3_bank *bank, uint32_t bit, bool level);

/* signal.c */

/* The vCPU of an affinity (Aff2, Aff1 and Aff0 as in MPIDR_EL1), or GICV3_NOBODY. */
uint32_t gicv3_cpu_of(const abx_gicv3 *gic, uint64_t affinity);

/* The bank of an interrupt as `cpu` sees it, and its bit there; NULL: there is none. */
gicv3_bank *gicv3_bank_of(abx_gicv3 *gic, uint32_t cpu, uint32_t intid, uint32_t *bit);

/* The priority at which `cpu` runs: that of its active interrupts, or 0xff (ICC_RPR_EL1). */
uint32_t gicv3_running_priority(const gicv3_interface *interface);

/* The part of `priority` that decides about preemption. */
uint32_t gicv3_group_priority(const gicv3_interface *interface, unsigned group, uint32_t priority);

/* Whether the best pending interrupt reaches the processor. */
bool gicv3_can_signal(const gicv3_cpu *cpu);

/* Finds the best pending interrupt and sets the inputs, of one vCPU or of all, after a change of state. */
void gicv3_update(abx_gicv3 *gic, uint32_t cpu);
void gicv3_update_all(abx_gicv3 *gic);

/* sgi.c: a write of `value` to ICC_SGI1R_EL1, or with `group0_only` to ICC_SGI0R_EL1 or ICC_ASGI1R_EL1. */
void gicv3_send_sgi(abx_gicv3 *gic, uint32_t from, uint64_t value, bool group0_only);

/* distributor.c, redistributor.c: for the bus. */
uint64_t gicv3_distributor_read(void *device, uint64_t offset, uint32_t size);
void gicv3_distributor_write(void *device, uint64_t offset, uint32_t size, uint64_t value);
uint64_t gicv3_redistributor_read(void *device, uint64_t offset, uint32_t size);
void gicv3_redistributor_write(void *device, uint64_t offset, uint32_t size, uint64_t value);

#endif
