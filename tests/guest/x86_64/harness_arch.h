/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What tests have on x86_64 beside harness.h, which includes this. */
#ifndef ABX_TESTS_HARNESS_ARCH_H
#define ABX_TESTS_HARNESS_ARCH_H

enum { GUEST_RAM = 0 };

/* Interrupt controllers of whole machines: a flat image has none by default. */
#define GUEST_IRQCHIP ABX_IRQCHIP_KERNEL

/* The program counter, and the state of a vCPU that the guest has not started. */
#define GUEST_PC           ABX_X86_RIP
#define GUEST_MP_UNSTARTED ABX_MP_UNINITIALIZED

/* Runs to the guest's write of `value` (`size` bytes, one element) to `port`. */
void guest_expect_out(guest *g, uint16_t port, uint8_t size, uint32_t value);

/* Runs to the guest's read (`size` bytes, one element) of `port` and answers it. */
void guest_answer_in(guest *g, uint16_t port, uint8_t size, uint32_t value);

#endif
