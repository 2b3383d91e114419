/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tells the test of each interrupt that it gets: guest_sync(vector). */
#include "interrupts.h"
#include "idt.h"

static volatile uint32_t last;
static int apic;

static void note(uint64_t vector, uint64_t error_code, uint64_t *rip)
{
    (void)error_code;
    (void)rip;
    last = (uint32_t)vector;
    if (apic && vector >= 32)
        lapic_end();
}

/* As the data sheet of the 8259A has it: vectors from 0x40, all lines open. */
static void init_pics(void)
{
    out8(0x20, 0x11);
    out8(0x21, 0x40);
    out8(0x21, 4);
    out8(0x21, 1);
    out8(0x21, 0);
}

/* Otherwise lines that lead to both come as vectors from 0 as well. */
static void shut_pics(void)
{
    out8(0x21, 0xff);
    out8(0xa1, 0xff);
}

static void wait_and_tell(void)
{
    /* Not cleared here: an NMI may have come since the order. */
    while (!last)
        wait_for_interrupt();
    guest_sync(last);
    last = 0;
}

void guest_main(void)
{
    interrupts_init();
    interrupts_handle(2, note);
    for (int vector = 32; vector < 255; vector++)
        interrupts_handle((uint8_t)vector, note);
    for (;;) {
        switch (guest_ask()) {
        case CONTROLLERS_ON:
            shut_pics();
            lapic_enable();
            apic = 1;
            break;
        case WAIT:
            wait_and_tell();
            break;
        case ROUTE_EDGE: {
            uint32_t pin = guest_ask();
            ioapic_route(pin, (uint8_t)guest_ask(), 0);
            break;
        }
        case ROUTE_LEVEL: {
            uint32_t pin = guest_ask();
            ioapic_route(pin, (uint8_t)guest_ask(), 1);
            break;
        }
        case LAPIC_ON:
            lapic_enable();
            apic = 1;
            break;
        case SPIN_UNTIL_ONE:
            interrupts_on();
            while (!last)
                __asm__ volatile("pause");
            interrupts_off();
            guest_sync(last);
            last = 0;
            break;
        case WAIT_SHUT:
            interrupts_off();
            guest_sync(0);
            interrupts_on();
            __asm__ volatile("nop; nop");
            interrupts_off();
            guest_sync(last);
            last = 0;
            break;
        case RING_PORT: {
            uint16_t port = (uint16_t)guest_ask();
            out32(port, guest_ask());
            break;
        }
        case RING_MEMORY: {
            volatile uint32_t *address = (volatile uint32_t *)(uintptr_t)guest_ask();
            *address = guest_ask();
            break;
        }
        case INIT_PICS:
            init_pics();
            break;
        case SHUT_PICS:
            shut_pics();
            break;
        default:
            return;
        }
    }
}
