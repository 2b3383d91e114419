/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One exit of each kind, as the test asks for it. */
#include "exits.h"
#include "idt.h"

static volatile int protection_faults;

static void skip_msr_access(uint64_t vector, uint64_t error_code, uint64_t *rip)
{
    (void)vector;
    (void)error_code;
    protection_faults++;
    *rip += 2; /* rdmsr and wrmsr are two bytes */
}

static void triple_fault(void)
{
    static const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } none = { 0, 0 };
    __asm__ volatile("lidt %0; ud2" : : "m"(none));
}

/* KVM_HC_MAP_GPA_RANGE (12): the one that the kernel leaves to the monitor. */
static uint64_t hypercall(uint64_t page, uint64_t count, uint64_t attributes)
{
    uint64_t result;
    __asm__ volatile("vmmcall" : "=a"(result) : "a"(12ul), "b"(page), "c"(count), "d"(attributes) : "memory");
    return result;
}

void guest_main(void)
{
    interrupts_init();
    interrupts_handle(13, skip_msr_access);
    for (;;) {
        switch (guest_ask()) {
        case HALT:
            __asm__ volatile("hlt");
            break;
        case TRIPLE_FAULT:
            triple_fault();
            break;
        case MSR_READ:
            GUEST_CHECK(read_msr(0x4f4f0001) == 0x1122334455667788);
            break;
        case MSR_WRITE:
            write_msr(0x4f4f0002, 0x8877665544332211);
            break;
        case MSR_REFUSED:
            protection_faults = 0;
            read_msr(0x4f4f0003);
            GUEST_CHECK(protection_faults == 1);
            break;
        case HYPERCALL:
            GUEST_CHECK(hypercall(0x200000, 16, 1) == 42);
            break;
        case NOWHERE:
            ((void (*)(void))0xd0000000)();
            break;
        case NOT_EMULATED:
            __asm__ volatile("fldl (%0)" : : "D"(0xd0000000ul));
            break;
        case LOOP:
            for (;;)
                __asm__ volatile("");
        default:
            return;
        }
        guest_sync(0);
    }
}
