/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The GIC itself, for the files that are about it. */
#ifndef ABX_TESTS_STANDIN_GIC_CONTROLLER_H
#define ABX_TESTS_STANDIN_GIC_CONTROLLER_H

#include "gic.h"

#include "bus.h"
#include "gicv3/gicv3.h"

enum { GIC_DISTRIBUTOR_SIZE = 0x10000, GIC_REDISTRIBUTORS_SIZE = MODEL_VCPUS * 0x20000 };

extern struct gic_state {
    abx_gicv3 *controller; /* NULL: there is none */
    abx_bus bus;
    void *initial; /* its state when it was made */
    size_t size;
} gic;

#endif
