/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The boot processor starts the others by PSCI; each says that it is there, and switches itself off. */
#include "guest.h"
#include "psci.h"

enum { MAX_OTHERS = 3, IS_OFF = 1, ALREADY_ON = -4, INVALID_PARAMETERS = -2 };

static volatile uint32_t there[MAX_OTHERS + 1];

/* Entered without address translation, with the context in x0: says so in there[x0], and goes. */
void other(void);
__asm__(".pushsection .text\n"
        "other:\n"
        "    mov x19, x0\n"
        "    bl translation_on\n"
        "    adr x1, there\n"
        "    str w19, [x1, x19, lsl #2]\n"
        "    movz w0, #0x8400, lsl #16\n"
        "    movk w0, #2\n" /* CPU_OFF */
        "    hvc #0\n"
        "    b .\n"
        ".popsection\n");

void guest_main(void)
{
    uint32_t others = guest_ask();
    uint32_t count = 0;
    GUEST_CHECK(hvc(PSCI_VERSION, 0, 0, 0) >= 2);
    for (uint64_t i = 1; i <= others; i++) {
        GUEST_CHECK(hvc(PSCI_AFFINITY_INFO, i, 0, 0) == IS_OFF);
        GUEST_CHECK(hvc(PSCI_CPU_ON, i, (uint64_t)other, i) == 0);
    }
    for (uint32_t i = 1; i <= others; i++) {
        while (there[i] != i)
            __asm__ volatile("yield");
        count++;
        while (hvc(PSCI_AFFINITY_INFO, i, 0, 0) != IS_OFF)
            __asm__ volatile("yield");
    }
    GUEST_CHECK((int32_t)hvc(PSCI_CPU_ON, 0, (uint64_t)other, 0) == ALREADY_ON);
    GUEST_CHECK((int32_t)hvc(PSCI_CPU_ON, 0xff, (uint64_t)other, 0) == INVALID_PARAMETERS);
    guest_sync(count);
}
