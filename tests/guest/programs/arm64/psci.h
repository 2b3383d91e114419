/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Calls to the firmware: PSCI (Arm DEN 0022) by the SMC Calling Convention (DEN 0028). */
#ifndef ABX_TESTS_PSCI_H
#define ABX_TESTS_PSCI_H

#include <stdint.h>

#define PSCI_VERSION        0x84000000ul
#define PSCI_CPU_OFF        0x84000002ul
#define PSCI_CPU_ON         0xc4000003ul
#define PSCI_AFFINITY_INFO  0xc4000004ul
#define PSCI_SYSTEM_OFF     0x84000008ul
#define PSCI_SYSTEM_RESET   0x84000009ul
#define PSCI_SYSTEM_SUSPEND 0xc400000eul
#define PSCI_SYSTEM_RESET2  0xc4000012ul

static inline uint64_t hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;
    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
    return x0;
}

#endif
