/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest of a whole machine: uses its interrupt controller, its timer and its second vCPU, says so on the serial
 * line and switches the machine off. Nobody answers it: it asks nothing.
 */
#include "gic.h"
#include "psci.h"

#define SERIAL 0x09000000ul /* PL011; its data register is the first one */

enum { MESSAGE = 7 };

static volatile uint32_t taken;
static volatile uint32_t there[2];

static void say(const char *text)
{
    while (*text)
        write32(SERIAL, (uint8_t)*text++);
    write32(SERIAL, '\n');
}

static void note(void)
{
    uint32_t intid = gic_take();
    if (intid == INTID_VIRTUAL_TIMER)
        write_system("cntv_ctl_el0", 0);
    if (intid != INTID_NONE)
        gic_end(intid);
    taken = intid;
}

static void wait_for(uint32_t intid)
{
    while (taken != intid)
        wait_for_interrupt();
}

/* The second vCPU: entered without address translation, with the context in x0. */
void second(void);
__asm__(".pushsection .text\n"
        "second:\n"
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
    say("hello");
    vectors_init();
    vectors_handle(VECTOR_IRQ, note);
    gic_init();

    gic_open(INTID_VIRTUAL_TIMER, 1);
    write_system("cntv_tval_el0", read_system("cntfrq_el0") / 100);
    write_system("cntv_ctl_el0", 1);
    wait_for(INTID_VIRTUAL_TIMER);
    say("timer");

    gic_open(MESSAGE, 0);
    gic_send(MESSAGE);
    wait_for(MESSAGE);
    say("message to itself");

    GUEST_CHECK(hvc(PSCI_CPU_ON, 1, (uint64_t)second, 1) == 0);
    while (!there[1])
        __asm__ volatile("yield");
    say("second processor");
    hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
    say("still here");
}
