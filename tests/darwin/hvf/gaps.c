/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gaps.h"

#include <stddef.h>

#define NO_GIC       "macOS has no interrupt controllers before 15"
#define NO_DOORBELLS "the framework takes no descriptors: ABX_CAP_IOEVENTFD is absent"
#define NO_IRQFD     "the framework takes no descriptors: ABX_CAP_IRQFD is absent"
#define NO_PSCI      "the framework answers no PSCI: it is the machine's, and the call comes out as a hypercall"
#define ONE_VM       "the test has two VMs at once, a process on macOS has one"
#define LARGE_PAGES  "pages are of 16 KiB, the test counts those of 4 KiB"
#define NO_ITS       "the framework's GIC has an MSI frame and no ITS"

/* Those that end with macOS 15 come before those that do not: the first that is open tells the reason. */
const gap gaps[] = {
    { "guest-dirty", "test_guest_writes", LARGE_PAGES, 0 },
    { "guest-dirty", "test_partial_clear", LARGE_PAGES, 0 },
    { "guest-dirty", "test_host_writes", LARGE_PAGES, 0 },
    { "guest-dirty", "test_log_of_a_read_only_region", LARGE_PAGES, 0 },
    { "guest-memory", "test_overlap", LARGE_PAGES, 0 },

    { "guest-doorbell", "test_any_length", NO_GIC, 15 },
    { "guest-doorbell", "test_faults", NO_GIC, 15 },
    { "guest-doorbell", "test_memory", NO_DOORBELLS, 0 },
    { "guest-doorbell", "test_match", NO_DOORBELLS, 0 },
    { "guest-doorbell", "test_again", NO_DOORBELLS, 0 },
    { "guest-doorbell", "test_round_trip", NO_DOORBELLS, 0 },

    { "guest-exits", "test_power_off", NO_PSCI, 0 },
    { "guest-exits", "test_reset", NO_PSCI, 0 },
    { "guest-exits", "test_suspend", NO_PSCI, 0 },
    { "guest-exits", "test_version", NO_PSCI, 0 },
    { "guest-exits", "test_hypercall", "all hypercalls come out, with and without config.hypercall_exits", 0 },
    { "guest-smp", "test_start_of_the_others", NO_PSCI, 0 },

    { "guest-registers", "test_whole_state", ONE_VM, 0 },
    { "guest-gic_state", "test_pending_line", ONE_VM, 0 },
    { "guest-gic_state", "test_damaged", ONE_VM, 0 },
    { "guest-gic_state", "test_translations", NO_ITS, 0 },

    { "guest-interrupts", "test_edge", NO_GIC, 15 },
    { "guest-interrupts", "test_level", NO_GIC, 15 },
    { "guest-interrupts", "test_every_line_is_an_spi", NO_GIC, 15 },
    { "guest-interrupts", "test_private", NO_GIC, 15 },
    { "guest-interrupts", "test_msi", NO_ITS, 0 },
    { "guest-interrupts", "test_routes", "the framework has no routes: ABX_CAP_IRQ_ROUTING is absent", 0 },
    { "guest-interrupts", "test_irqfd", NO_IRQFD, 0 },
    { "guest-interrupts", "test_irqfd_with_resample", NO_IRQFD, 0 },
    { "guest-interrupts", "test_suspend", NO_PSCI, 0 },
    { "guest-interrupts", "test_without_controllers",
      "lines or messages are absent here (the stand-in's GIC has no MSI frame), which is told first", 0 },

    { NULL, NULL, NULL, 0 },
};
