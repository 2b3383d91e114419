/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An interrupt controller of our own, for machines whose backend has none in the kernel: GICv3 as in Arm IHI 0069. It
 * has one security state (GICD_CTLR.DS is 1) with both groups, affinity routing that cannot be switched off, 32
 * priorities, and processor interfaces by system registers alone. There are no LPIs and no ITS, and no interrupt goes
 * to any one of several processors.
 *
 * Any thread may call anything. What a guest does to the registers never fails: what is reserved, or accessed in a way
 * that the architecture does not define, reads as zero and ignores writes.
 */
#ifndef ABX_VMM_GICV3_H
#define ABX_VMM_GICV3_H

#include <arcbox/arm64.h>
#include <arcbox/exit.h>

#include "bus.h"

enum {
    ABX_GICV3_SPIS = 256,
    /* As many redistributors have room in the map of addresses. */
    ABX_GICV3_CPUS = (ABX_ARM64_GIC_END - ABX_ARM64_GIC_REDISTRIBUTORS) / ABX_ARM64_GIC_REDISTRIBUTOR,
};

/* The inputs of a vCPU that are high. */
enum { ABX_GICV3_IRQ = 1, ABX_GICV3_FIQ = 2 };

typedef struct abx_gicv3 abx_gicv3;

/* An input of vCPU `cpu` has become high. The controller's lock is held: the function calls nothing of it but
 * abx_gicv3_inputs(). */
typedef void (*abx_gicv3_wake)(void *machine, uint32_t cpu);

/* Makes one for `cpus` (1 to ABX_GICV3_CPUS) vCPUs, reset. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_gicv3_new(abx_gicv3 **out, uint32_t cpus, abx_gicv3_wake wake, void *machine) ABX_MUST_CHECK;

/* NULL is allowed. */
void abx_gicv3_free(abx_gicv3 *gic);

/* Puts its registers where arm64.h says. Errors: those of abx_bus_add(). */
abx_status abx_gicv3_attach(abx_gicv3 *gic, abx_bus *mmio) ABX_MUST_CHECK;

/* Sets the line of an SPI (0 on: INTID 32 on) or of PPI `ppi` (0 to 15: INTID 16 to 31) of a vCPU. Those that do not
 * exist are ignored. */
void abx_gicv3_set_spi(abx_gicv3 *gic, uint32_t spi, bool level);
void abx_gicv3_set_ppi(abx_gicv3 *gic, uint32_t cpu, uint32_t ppi, bool level);

/* The inputs of `cpu` now. Takes no lock. */
unsigned abx_gicv3_inputs(const abx_gicv3 *gic, uint32_t cpu);

/* Carries out an access of `cpu` to a system register; false: it is none of the controller's. */
bool abx_gicv3_access(abx_gicv3 *gic, uint32_t cpu, const abx_exit_sysreg *access);

/* The interface of `cpu` as after the processor's reset; its interrupts stay as they are. */
void abx_gicv3_reset_interface(abx_gicv3 *gic, uint32_t cpu);

/*
 * The whole state as one versioned block. `buffer` has room for `capacity` and may be NULL when that is 0; `*size` gets
 * the bytes needed. Errors: ABX_ERR_LIMIT (buffer too small; *size is set).
 */
abx_status abx_gicv3_save(abx_gicv3 *gic, void *buffer, size_t capacity, size_t *size) ABX_MUST_CHECK;

/* Puts such a block into a controller for as many vCPUs; it is checked before anything is changed. Errors:
 * ABX_ERR_FORMAT. */
abx_status abx_gicv3_restore(abx_gicv3 *gic, const void *buffer, size_t size) ABX_MUST_CHECK;

#endif
