/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* System registers of the processor that runs the program at EL2. */
#ifndef ABX_TESTS_ORACLE_SYSTEM_H
#define ABX_TESTS_ORACLE_SYSTEM_H

#include <stdint.h>

#define read_system(name)                                                                                              \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        __asm__ volatile("mrs %0, " #name : "=r"(value_) : : "memory");                                                \
        value_;                                                                                                        \
    })
#define write_system(name, value) __asm__ volatile("msr " #name ", %0; isb" : : "r"((uint64_t)(value)) : "memory")

#endif
