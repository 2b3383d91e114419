/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3/gicv3.h"

#include "gicv3/state.h"

#include <stdlib.h>

enum { DISTRIBUTOR_SIZE = 0x10000, SGIS = 0xffff };

abx_status abx_gicv3_new(abx_gicv3 **out, uint32_t cpus, abx_gicv3_wake wake, void *machine)
{
    abx_gicv3 *gic = calloc(1, sizeof(*gic) + cpus * sizeof(gic->cpus[0]));
    if (!gic)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make an interrupt controller");
    pthread_mutex_init(&gic->lock, NULL);
    gic->wake = wake;
    gic->machine = machine;
    gic->cpu_count = cpus;
    for (uint32_t cpu = 0; cpu < cpus; cpu++) {
        gic->cpus[cpu].state.bank.edge = SGIS;
        gic->cpus[cpu].state.asleep = 1;
        abx_gicv3_reset_interface(gic, cpu);
    }
    *out = gic;
    return ABX_OK;
}

void abx_gicv3_free(abx_gicv3 *gic)
{
    if (!gic)
        return;
    pthread_mutex_destroy(&gic->lock);
    free(gic);
}

abx_status abx_gicv3_attach(abx_gicv3 *gic, abx_bus *mmio)
{
    const abx_bus_range distributor = {
        .base = ABX_ARM64_GIC_DISTRIBUTOR,
        .length = DISTRIBUTOR_SIZE,
        .name = "interrupt distributor",
        .device = gic,
        .read = gicv3_distributor_read,
        .write = gicv3_distributor_write,
    };
    const abx_bus_range redistributors = {
        .base = ABX_ARM64_GIC_REDISTRIBUTORS,
        .length = gic->cpu_count * ABX_ARM64_GIC_REDISTRIBUTOR,
        .name = "interrupt redistributors",
        .device = gic,
        .read = gicv3_redistributor_read,
        .write = gicv3_redistributor_write,
    };
    abx_status status = abx_bus_add(mmio, &distributor);
    return status == ABX_OK ? abx_bus_add(mmio, &redistributors) : status;
}

void abx_gicv3_set_spi(abx_gicv3 *gic, uint32_t spi, bool level)
{
    uint32_t bit;
    if (spi >= ABX_GICV3_SPIS)
        return;
    pthread_mutex_lock(&gic->lock);
    gicv3_bank *bank = gicv3_bank_of(gic, 0, GICV3_FIRST_SPI + spi, &bit);
    gicv3_bank_set_line(bank, bit, level);
    uint32_t target = gicv3_cpu_of(gic, gic->shared.route[spi]);
    if (target != GICV3_NOBODY)
        gicv3_update(gic, target);
    pthread_mutex_unlock(&gic->lock);
}

void abx_gicv3_set_ppi(abx_gicv3 *gic, uint32_t cpu, uint32_t ppi, bool level)
{
    uint32_t bit;
    if (cpu >= gic->cpu_count || ppi >= GICV3_FIRST_SPI - GICV3_FIRST_PPI)
        return;
    pthread_mutex_lock(&gic->lock);
    gicv3_bank *bank = gicv3_bank_of(gic, cpu, GICV3_FIRST_PPI + ppi, &bit);
    gicv3_bank_set_line(bank, bit, level);
    gicv3_update(gic, cpu);
    pthread_mutex_unlock(&gic->lock);
}

unsigned abx_gicv3_inputs(const abx_gicv3 *gic, uint32_t cpu)
{
    return atomic_load(&gic->cpus[cpu].inputs);
}
