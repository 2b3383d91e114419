/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Machines of guest_thread.h's guests. */
#ifndef TESTS_GUEST_MACHINE_H
#define TESTS_GUEST_MACHINE_H

#include "machine_test.h"

#include "guest_thread.h"

#include <arcbox/machine.h>

/* Function numbers of DEN 0022. */
#define PSCI_VERSION       0x84000000u
#define PSCI_CPU_SUSPEND   0xc4000001u
#define PSCI_CPU_OFF       0x84000002u
#define PSCI_CPU_ON        0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u
#define PSCI_SYSTEM_OFF    0x84000008u
#define PSCI_SYSTEM_RESET  0x84000009u

/* For groups of tests: write and remove the kernel that machines are given. */
int guest_machine_prepare(void **state);
int guest_machine_clean_up(void **state);

/* A machine with power button and debug-exit. `irqchip` is the configuration's; `kernel_gic`: the backend has one. */
abx_machine *guest_machine(guest_code boot, uint32_t cpus, abx_irqchip irqchip, bool kernel_gic);

/* The same by default, without a controller of the backend's, and already running. */
abx_machine *guest_machine_started(guest_code boot, uint32_t cpus);

/* Waits for the end, destroys the machine, and looks that no check of a guest's failed and nothing stays behind. */
abx_machine_result guest_machine_end(abx_machine *machine);

/* The guest says that it is somewhere, and the test waits for that as often as there are guests to say so. */
void guest_arrive(void);
void guest_machine_await(unsigned count);

/* Guest code: distributor, interface and all private interrupts open, and line 7, the power button's. */
void guest_open_gic(guest *self);

/* Guest code: ICC_IAR1_EL1 and ICC_EOIR1_EL1. */
uint32_t guest_take(guest *self);
void guest_end_of(guest *self, uint32_t intid);

/* Guest code: switches the machine off. */
void guest_switch_off(guest *self);

#endif
