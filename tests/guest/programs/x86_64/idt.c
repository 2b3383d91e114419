/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "idt.h"

typedef struct __attribute__((packed)) gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t stack;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
} gate;

typedef struct __attribute__((packed)) table_pointer {
    uint16_t limit;
    uint64_t base;
} table_pointer;

enum { CODE_SELECTOR = 8, DATA_SELECTOR = 16, INTERRUPT_GATE = 0x8e };

static const uint64_t gdt[] = { 0, 0x00af9b000000ffff, 0x00cf93000000ffff };
static gate idt[256];
static interrupt_handler *handlers[256];

/* idt_entries.S: 256 entries, 16 bytes apart */
extern const uint8_t interrupt_entries[];

void interrupt_dispatch(uint64_t vector, uint64_t error_code, uint64_t *rip);

void interrupt_dispatch(uint64_t vector, uint64_t error_code, uint64_t *rip)
{
    if (!handlers[vector])
        guest_tell(TALK_FAIL, 10000 + (uint32_t)vector);
    else
        handlers[vector](vector, error_code, rip);
}

void interrupts_handle(uint8_t vector, interrupt_handler *handler)
{
    handlers[vector] = handler;
}

static void load_tables(void)
{
    const table_pointer gdt_pointer = { sizeof(gdt) - 1, (uint64_t)gdt };
    const table_pointer idt_pointer = { sizeof(idt) - 1, (uint64_t)idt };
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %2\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "movl %3, %%eax\n\t"
                     "movl %%eax, %%ds\n\t"
                     "movl %%eax, %%es\n\t"
                     "movl %%eax, %%ss\n\t"
                     "lidt %1"
                     :
                     : "m"(gdt_pointer), "m"(idt_pointer), "i"(CODE_SELECTOR), "i"(DATA_SELECTOR)
                     : "rax", "memory");
}

void interrupts_init(void)
{
    for (int vector = 0; vector < 256; vector++) {
        uint64_t entry = (uint64_t)(interrupt_entries + 16 * vector);
        idt[vector] = (gate){
            .offset_low = (uint16_t)entry,
            .selector = CODE_SELECTOR,
            .type = INTERRUPT_GATE,
            .offset_middle = (uint16_t)(entry >> 16),
            .offset_high = (uint32_t)(entry >> 32),
        };
    }
    load_tables();
}
