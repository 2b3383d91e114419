/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts and exceptions in 64-bit guest programs, and the controllers that send them (Intel SDM vol. 3, chapters 6
 * and 10; 82093AA data sheet for the I/O APIC). */
#ifndef ABX_TESTS_IDT_H
#define ABX_TESTS_IDT_H

#include "guest.h"

/* Gets the address of the interrupted instruction, and may change it. */
typedef void interrupt_handler(uint64_t vector, uint64_t error_code, uint64_t *rip);

/* Descriptor tables of our own. Interrupts stay off. Vectors without a handler end the guest with FAIL and 10000 +
 * vector. */
void interrupts_init(void);
void interrupts_handle(uint8_t vector, interrupt_handler *handler);

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* Interrupts on and halted as one step: a pending interrupt ends the halt. Interrupts are off afterwards. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

static inline uint32_t lapic_read(uint32_t offset)
{
    return *(volatile uint32_t *)(uintptr_t)(0xfee00000u + offset);
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(0xfee00000u + offset) = value;
}

enum { LAPIC_ID = 0x20, LAPIC_EOI = 0xb0, LAPIC_SPURIOUS = 0xf0, LAPIC_ICR_LOW = 0x300, LAPIC_ICR_HIGH = 0x310 };

/* Switches the local APIC on, with spurious vector 0xff. */
static inline void lapic_enable(void)
{
    lapic_write(LAPIC_SPURIOUS, 0x1ff);
}

static inline void lapic_end(void)
{
    lapic_write(LAPIC_EOI, 0);
}

/* Sends I/O APIC pin `pin` to `vector` of APIC 0, level or edge triggered, unmasked. */
static inline void ioapic_route(uint32_t pin, uint8_t vector, int level)
{
    volatile uint32_t *select = (volatile uint32_t *)0xfec00000u;
    volatile uint32_t *window = (volatile uint32_t *)0xfec00010u;
    *select = 0x11 + 2 * pin;
    *window = 0;
    *select = 0x10 + 2 * pin;
    *window = vector | (level ? 1u << 15 : 0);
}

static inline uint64_t read_msr(uint32_t index)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return (uint64_t)high << 32 | low;
}

static inline void write_msr(uint32_t index, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

#endif
