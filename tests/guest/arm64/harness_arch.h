/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What tests have on ARM64 beside harness.h, which includes this. */
#ifndef ABX_TESTS_HARNESS_ARCH_H
#define ABX_TESTS_HARNESS_ARCH_H

enum { GUEST_RAM = ABX_ARM64_RAM };

/* Interrupt controllers of whole machines: the kernel's, or the machine's own. */
#define GUEST_IRQCHIP ABX_IRQCHIP_DEFAULT

/* The program counter, and the state of a vCPU that the guest has not started. */
#define GUEST_PC           ABX_ARM64_PC
#define GUEST_MP_UNSTARTED ABX_MP_STOPPED

/* Where programs talk to the test (programs/arm64/talk.h). */
enum { TALK_PAGE = 0x0d000000 };

#endif
