/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tells the test of each interrupt that it gets: guest_sync() with the number that the test gave it. */
#include "interrupts.h"
#include "gic.h"
#include "psci.h"

#define TABLES 0x40800000ul

static volatile uint32_t last;
static uint32_t numbers[INTID_NONE];
static uint32_t number_of_lpi;

static void note(void)
{
    uint32_t intid = gic_take();
    if (intid == INTID_NONE)
        return;
    if (intid == INTID_VIRTUAL_TIMER)
        write_system("cntv_ctl_el0", 0);
    last = intid < INTID_NONE ? numbers[intid] : number_of_lpi;
    gic_end(intid);
    /* One at a time, though a level may still be up: interrupts are off afterwards. */
    write_system("spsr_el1", read_system("spsr_el1") | 0x80);
}

static void tell(void)
{
    guest_sync(last);
    last = 0;
}

static void open(uint32_t intid, int level)
{
    numbers[intid] = guest_ask();
    gic_open(intid, level);
}

/* Where the boot processor begins when it wakes up: as it was before its first instruction, the context in x0. */
void awake(void);
__asm__(".pushsection .text\n"
        "awake:\n"
        "    mov x19, x0\n"
        "    bl translation_on\n"
        "    adrp x1, stack_top\n"
        "    mov sp, x1\n"
        "    mov x0, x19\n"
        "    b go_on\n"
        ".popsection\n");

__attribute__((used)) static void go_on(uint64_t context)
{
    guest_sync((uint32_t)context);
    vectors_init();
    while (!last)
        wait_for_interrupt();
    tell();
    guest_main();
}

void guest_main(void)
{
    vectors_init();
    vectors_handle(VECTOR_IRQ, note);
    for (;;) {
        switch (guest_ask()) {
        case CONTROLLERS_ON:
            gic_init();
            break;
        case WAIT:
            while (!last)
                wait_for_interrupt();
            tell();
            break;
        case SPIN_UNTIL_ONE:
            interrupts_on();
            while (!last)
                __asm__ volatile("yield");
            interrupts_off();
            tell();
            break;
        case ROUTE_EDGE:
            open(INTID_FIRST_SPI + guest_ask(), 0);
            break;
        case ROUTE_LEVEL:
            open(INTID_FIRST_SPI + guest_ask(), 1);
            break;
        case TAKE:
            open(guest_ask(), 1);
            break;
        case TIMER: /* as soon as may be */
            write_system("cntv_cval_el0", 0);
            write_system("cntv_ctl_el0", 1);
            break;
        case SUSPEND: /* a refusal is told */
            guest_sync((uint32_t)hvc(PSCI_SYSTEM_SUSPEND, (uint64_t)awake, SUSPEND_CONTEXT, 0));
            break;
        case SEND_TO_SELF:
            gic_send(guest_ask());
            break;
        case LPIS_ON: {
            uint32_t device = guest_ask();
            uint32_t event = guest_ask();
            number_of_lpi = guest_ask();
            its_init(TABLES, device, event);
            break;
        }
        case RING_MEMORY: {
            uint64_t address = guest_ask();
            write32(address, guest_ask());
            break;
        }
        default:
            return;
        }
    }
}
