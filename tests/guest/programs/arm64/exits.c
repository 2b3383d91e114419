/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One exit of each kind, as the test asks for it. */
#include "exits.h"
#include "psci.h"
#include "vectors.h"

#define HOLE 0xd0000000ul

/* What an exception was, and where. It is not run again: `after` is. */
static volatile uint64_t syndrome, fault_address;
static uint64_t after;

static void note(void)
{
    syndrome = read_system("esr_el1");
    fault_address = read_system("far_el1");
    write_system("elr_el1", after);
}

/* Two registers at once: the syndrome does not tell them (DDI 0487, ISV of ESR_ELx). */
static uint64_t read_pair(void)
{
    uint64_t low, high;
    __asm__ volatile("ldp %0, %1, [%2]" : "=r"(low), "=r"(high) : "r"(HOLE) : "memory");
    return low + high;
}

static uint64_t write_with_post_index(void)
{
    uint64_t address = HOLE;
    __asm__ volatile("str wzr, [%0], #4" : "+r"(address) : : "memory");
    return address;
}

static void read_aborted(void)
{
    __asm__ volatile("adr %0, 1f; str %0, %1; ldp x9, x10, [%2]; 1:"
                     : "=&r"((uint64_t){ 0 }), "=m"(after)
                     : "r"(HOLE)
                     : "x9", "x10", "memory");
}

static void run_nowhere(void)
{
    __asm__ volatile("adr x9, 1f; str x9, %0; br %1; 1:" : "=m"(after) : "r"(HOLE) : "x9", "memory");
}

/* Exception classes (DDI 0487, EC of ESR_ELx). */
enum { INSTRUCTION_ABORT = 0x21, DATA_ABORT = 0x25 };

static void check_fault(unsigned class)
{
    GUEST_CHECK((syndrome >> 26 & 0x3f) == class);
    GUEST_CHECK((syndrome & 0x3f) == 0x10); /* external, not on a table walk */
    GUEST_CHECK(fault_address == HOLE);
}

void guest_main(void)
{
    vectors_init();
    vectors_handle(VECTOR_SYNC, note);
    for (;;) {
        switch (guest_ask()) {
        case LOOP:
            for (;;)
                __asm__ volatile("");
        case SLEEP:
            __asm__ volatile("wfi");
            break;
        case POWER_OFF:
            hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
            break;
        case RESET:
            hvc(PSCI_SYSTEM_RESET, 0, 0, 0);
            break;
        case RESET_2: /* vendor-specific number 5 */
            hvc(PSCI_SYSTEM_RESET2, 0x80000005, 77, 0);
            break;
        case PAIR:
            GUEST_CHECK(read_pair() == 0x30);
            break;
        case POST_INDEX:
            GUEST_CHECK(write_with_post_index() == HOLE + 4);
            break;
        case ABORTED:
            read_aborted();
            check_fault(DATA_ABORT);
            break;
        case NOWHERE:
            run_nowhere();
            check_fault(INSTRUCTION_ABORT);
            break;
        case HYPERCALL: /* of the manufacturer's services */
            guest_sync((uint32_t)hvc(0xc3000001, 0x1111, 0x2222, 0x3333));
            continue;
        case VERSION:
            guest_sync((uint32_t)hvc(PSCI_VERSION, 0, 0, 0));
            continue;
        case SUSPEND:
            guest_sync((uint32_t)hvc(PSCI_SYSTEM_SUSPEND, 0x1234, 0x5678, 0));
            continue;
        default:
            return;
        }
        guest_sync(0);
    }
}
