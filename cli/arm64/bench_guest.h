/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guests of 'abx bench' on ARM64: at EL1, without address translation. */
#ifndef ABX_CLI_BENCH_GUEST_H
#define ABX_CLI_BENCH_GUEST_H

#include <arcbox/arm64.h>
#include <arcbox/exit.h>

/* mov x1, #0x9000000; mov w0, #'x'; str w0, [x1]; and by PSCI, mov w0, #0x84000000; movk w0, #8; hvc #0 */
static const uint8_t bench_one_byte[] = { 0x01, 0x20, 0xa1, 0xd2, 0x00, 0x0f, 0x80, 0x52, 0x20, 0x00, 0x00, 0xb9,
                                          0x00, 0x80, 0xb0, 0x52, 0x00, 0x01, 0x80, 0x72, 0x02, 0x00, 0x00, 0xd4 };

/* str w0, [x1]; b to it */
static const uint8_t bench_loop[] = { 0x20, 0x00, 0x00, 0xb9, 0xff, 0xff, 0xff, 0x17 };

#define BENCH_ENTRY        ABX_ARM64_RAM
#define BENCH_EXIT_ADDRESS UINT64_C(0x0d000000)

/* What enters bench_loop. */
static const abx_reg bench_names[] = { ABX_ARM64_PC, ABX_ARM64_PSTATE, ABX_ARM64_X(1) };
static const uint64_t bench_values[] = { BENCH_ENTRY, ABX_ARM64_PSTATE_EL1H, BENCH_EXIT_ADDRESS };

/* The exit that it makes. */
static inline bool bench_is_exit(const abx_exit *exit)
{
    return exit->kind == ABX_EXIT_MMIO && exit->mmio.address == BENCH_EXIT_ADDRESS;
}

#endif
