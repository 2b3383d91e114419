/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The program at EL2 for qemu-system-aarch64 -M virt,virtualization=on: runs payload.S at EL1 and prints each exit as
 * the processor describes it (trace.h), then answers it (answer.h). The last line is "end".
 */
#include "actions.h"
#include "answer.h"
#include "stage2.h"
#include "system.h"
#include "trace.h"

enum { UART = 0x09000000, RAM = 0x48000000, READ_ONLY = 0x48200000 };

/* HCR_EL2 (D19.2): translation, and what leaves the guest. */
#define HCR_VM  (UINT64_C(1) << 0)
#define HCR_FMO (UINT64_C(1) << 3)
#define HCR_IMO (UINT64_C(1) << 4)
#define HCR_VF  (UINT64_C(1) << 6)
#define HCR_VI  (UINT64_C(1) << 7)
#define HCR_TWI (UINT64_C(1) << 13)
#define HCR_TWE (UINT64_C(1) << 14)
#define HCR_TSC (UINT64_C(1) << 19)
#define HCR_RW  (UINT64_C(1) << 31)
#define HCR     (HCR_VM | HCR_FMO | HCR_IMO | HCR_TWI | HCR_TWE | HCR_TSC | HCR_RW)
/* MDCR_EL2: performance monitors leave the guest, and with TDE debug exceptions. */
#define MDCR_TPM (1u << 6)
#define MDCR_TDE (1u << 8)
/* MDSCR_EL1, and PSTATE. */
#define MDSCR_SS  (1u << 0)
#define MDSCR_MDE (1u << 15)
#define PSTATE_SS (1u << 21)
/* DBGBCR0_EL1 and DBGWCR0_EL1: on at EL1, for all 8 bytes, and loads and stores. */
#define BREAKPOINT (0xfu << 5 | 1 << 1 | 1)
#define WATCHPOINT (0xffu << 5 | 3 << 3 | 1 << 1 | 1)

void oracle_main(void);
void oracle_broken(void);
void enter_guest(oracle_registers *registers);
_Noreturn void power_off(void);

extern const uint8_t payload_start[], payload_end[];

static oracle_registers registers;

static void print(const char *text)
{
    while (*text)
        *(volatile uint32_t *)UART = (uint8_t)*text++;
    *(volatile uint32_t *)UART = '\n';
}

/* An exception of this program itself. */
void oracle_broken(void)
{
    print("broken");
    power_off();
}

static void load(void)
{
    uint8_t *ram = (uint8_t *)RAM;
    for (const uint8_t *from = payload_start; from < payload_end; from++)
        *ram++ = *from;
    stage2_map(ORACLE_RAM, RAM, true);
    stage2_map(ORACLE_READ_ONLY, READ_ONLY, false);
    stage2_on();
}

static oracle_exit describe(void)
{
    oracle_exit exit = { .esr = read_system(esr_el2) };
    uint32_t class = ORACLE_CLASS(exit.esr);
    if (class == EC_DATA_ABORT || class == EC_INSTRUCTION_ABORT || class == EC_WATCHPOINT)
        exit.far = read_system(far_el2);
    if (class == EC_DATA_ABORT || class == EC_INSTRUCTION_ABORT)
        exit.ipa = (read_system(hpfar_el2) & ~UINT64_C(0xf)) << 8 | (exit.far & 0xfff);
    return exit;
}

static void set_mdscr(uint32_t bits, bool on)
{
    uint64_t mdscr = read_system(mdscr_el1);
    write_system(mdscr_el1, on ? mdscr | bits : mdscr & ~(uint64_t)bits);
}

static void act(uint32_t action)
{
    write_system(hcr_el2, HCR | (action == ACTION_IRQ ? HCR_VI : 0) | (action == ACTION_FIQ ? HCR_VF : 0));
    set_mdscr(MDSCR_SS, action == ACTION_STEP);
    registers.pstate &= ~(uint64_t)PSTATE_SS;
    if (action == ACTION_STEP)
        registers.pstate |= PSTATE_SS;
    switch (action) {
    case ACTION_TRAP_DEBUG:
        write_system(mdcr_el2, MDCR_TPM | MDCR_TDE);
        break;
    case ACTION_GUEST_DEBUG:
        write_system(mdcr_el2, MDCR_TPM);
        break;
    case ACTION_BREAKPOINT:
        set_mdscr(MDSCR_MDE, registers.x[1] != 0);
        write_system(dbgbvr0_el1, registers.x[1]);
        write_system(dbgbcr0_el1, registers.x[1] ? BREAKPOINT : 0);
        break;
    case ACTION_WATCHPOINT:
        set_mdscr(MDSCR_MDE, registers.x[1] != 0);
        write_system(dbgwvr0_el1, registers.x[1]);
        write_system(dbgwcr0_el1, registers.x[1] ? WATCHPOINT : 0);
        break;
    default:
        break;
    }
}

void oracle_main(void)
{
    static char line[ORACLE_LINE];
    load();
    write_system(hcr_el2, HCR);
    write_system(mdcr_el2, MDCR_TPM);
    write_system(cptr_el2, 0x33ff);
    write_system(sctlr_el1, 0x30d00800);
    registers = (oracle_registers){ .pc = ORACLE_RAM, .pstate = 0x3c5 };
    oracle_registers last = registers;
    uint32_t action;
    do {
        enter_guest(&registers);
        oracle_exit exit = describe();
        oracle_trace(line, &exit, &registers, &last);
        print(line);
        last = registers;
        action = oracle_answer(&exit, &registers);
        act(action);
    } while (action != ACTION_END);
    print("end");
}
