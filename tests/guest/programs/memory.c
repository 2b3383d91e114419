/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Touches memory as the test asks: reads, writes, rows of pages, and endless writing. */
#include "memory.h"
#include "guest.h"

static volatile uint32_t *ask_address(void)
{
    return (volatile uint32_t *)(uintptr_t)guest_ask();
}

static void poke_pages(volatile uint32_t *address, uint32_t count, uint32_t value)
{
    for (uint32_t page = 0; page < count; page++)
        address[page * 1024] = value + page;
}

void guest_main(void)
{
    for (;;) {
        uint32_t order = guest_ask();
        volatile uint32_t *address = order ? ask_address() : NULL;
        switch (order) {
        case PEEK:
            guest_sync(*address);
            break;
        case POKE:
            *address = guest_ask();
            guest_sync(0);
            break;
        case POKE_PAGES: {
            uint32_t count = guest_ask();
            poke_pages(address, count, guest_ask());
            guest_sync(0);
            break;
        }
        case POKE_FOR_EVER:
            for (;;)
                ++*address;
        case PEEK_FOR_EVER:
            for (;;)
                (void)*address;
        default:
            return;
        }
    }
}
