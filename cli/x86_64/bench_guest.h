/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guests of 'abx bench' on x86_64: in real mode. */
#ifndef ABX_CLI_BENCH_GUEST_H
#define ABX_CLI_BENCH_GUEST_H

#include <arcbox/exit.h>
#include <arcbox/x86_64.h>

/* mov $0x3f8, %dx; mov $'x', %al; out %al, (%dx); cli; hlt */
static const uint8_t bench_one_byte[] = { 0xba, 0xf8, 0x03, 0xb0, 'x', 0xee, 0xfa, 0xf4 };

/* out %al, $0x10; jmp to it */
static const uint8_t bench_loop[] = { 0xe6, 0x10, 0xeb, 0xfc };

#define BENCH_ENTRY UINT64_C(0x1000)

/* What enters bench_loop. */
static const abx_reg bench_names[] = { ABX_X86_RIP, ABX_X86_RFLAGS, ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_SELECTOR),
                                       ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_BASE) };
static const uint64_t bench_values[] = { BENCH_ENTRY, 2, 0, 0 };

/* The exit that it makes. */
static inline bool bench_is_exit(const abx_exit *exit)
{
    return exit->kind == ABX_EXIT_IO && exit->io.port == 0x10;
}

#endif
