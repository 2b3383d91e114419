/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trace_standin.h"

#include "actions.h"
#include "standin.h"
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SYSREG_MDSCR   ((hv_sys_reg_t)0x8012)
#define SYSREG_DBGBVR0 ((hv_sys_reg_t)0x8004)
#define SYSREG_DBGBCR0 ((hv_sys_reg_t)0x8005)
#define SYSREG_DBGWVR0 ((hv_sys_reg_t)0x8006)
#define SYSREG_DBGWCR0 ((hv_sys_reg_t)0x8007)
#define SYSREG_SCTLR   ((hv_sys_reg_t)0xc080)
#define MDSCR_SS       (UINT64_C(1) << 0)
#define MDSCR_MDE      (UINT64_C(1) << 15)
#define PSTATE_SS      (UINT64_C(1) << 21)
/* As in the program at EL2. */
#define SCTLR      0x30d00800
#define BREAKPOINT (0xfu << 5 | 1 << 1 | 1)
#define WATCHPOINT (0xffu << 5 | 3 << 3 | 1 << 1 | 1)

#define assert_hv(call) assert_int_equal((uint32_t)(call), (uint32_t)HV_SUCCESS)

static void read_registers(hv_vcpu_t vcpu, oracle_registers *registers)
{
    for (uint32_t i = 0; i < 31; i++)
        assert_hv(hv_vcpu_get_reg(vcpu, HV_REG_X0 + i, &registers->x[i]));
    assert_hv(hv_vcpu_get_reg(vcpu, HV_REG_PC, &registers->pc));
    assert_hv(hv_vcpu_get_reg(vcpu, HV_REG_CPSR, &registers->pstate));
}

static void write_registers(hv_vcpu_t vcpu, const oracle_registers *registers)
{
    for (uint32_t i = 0; i < 31; i++)
        assert_hv(hv_vcpu_set_reg(vcpu, HV_REG_X0 + i, registers->x[i]));
    assert_hv(hv_vcpu_set_reg(vcpu, HV_REG_PC, registers->pc));
    assert_hv(hv_vcpu_set_reg(vcpu, HV_REG_CPSR, registers->pstate));
}

static void set_mdscr(hv_vcpu_t vcpu, uint64_t bits, bool on)
{
    uint64_t mdscr;
    assert_hv(hv_vcpu_get_sys_reg(vcpu, SYSREG_MDSCR, &mdscr));
    assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_MDSCR, on ? mdscr | bits : mdscr & ~bits));
}

static void act(hv_vcpu_t vcpu, uint32_t action, oracle_registers *registers)
{
    uint64_t x1 = registers->x[1];
    set_mdscr(vcpu, MDSCR_SS, action == ACTION_STEP);
    registers->pstate &= ~PSTATE_SS;
    if (action == ACTION_STEP)
        registers->pstate |= PSTATE_SS;
    switch (action) {
    case ACTION_IRQ:
        assert_hv(hv_vcpu_set_pending_interrupt(vcpu, HV_INTERRUPT_TYPE_IRQ, true));
        break;
    case ACTION_FIQ:
        assert_hv(hv_vcpu_set_pending_interrupt(vcpu, HV_INTERRUPT_TYPE_FIQ, true));
        break;
    case ACTION_TRAP_DEBUG:
    case ACTION_GUEST_DEBUG:
        assert_hv(hv_vcpu_set_trap_debug_exceptions(vcpu, action == ACTION_TRAP_DEBUG));
        break;
    case ACTION_BREAKPOINT:
        set_mdscr(vcpu, MDSCR_MDE, x1 != 0);
        assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_DBGBVR0, x1));
        assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_DBGBCR0, x1 ? BREAKPOINT : 0));
        break;
    case ACTION_WATCHPOINT:
        set_mdscr(vcpu, MDSCR_MDE, x1 != 0);
        assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_DBGWVR0, x1));
        assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_DBGWCR0, x1 ? WATCHPOINT : 0));
        break;
    default:
        break;
    }
}

static void run(hv_vcpu_t vcpu, const hv_vcpu_exit_t *exit, FILE *out)
{
    char line[ORACLE_LINE];
    oracle_registers last = { .pc = ORACLE_RAM, .pstate = 0x3c5 }, registers = last;
    uint32_t action;
    do {
        write_registers(vcpu, &registers);
        assert_hv(hv_vcpu_run(vcpu));
        assert_int_equal(exit->reason, HV_EXIT_REASON_EXCEPTION);
        read_registers(vcpu, &registers);
        oracle_exit told = { exit->exception.syndrome, exit->exception.virtual_address,
                             exit->exception.physical_address };
        oracle_trace(line, &told, &registers, &last);
        fprintf(out, "%s\n", line);
        last = registers;
        action = oracle_answer(&told, &registers);
        act(vcpu, action, &registers);
    } while (action != ACTION_END);
    fprintf(out, "end\n");
}

char *trace_standin(const void *payload, size_t size)
{
    void *ram = aligned_alloc(ORACLE_RAM_SIZE, ORACLE_RAM_SIZE),
         *read_only = aligned_alloc(ORACLE_RAM_SIZE, ORACLE_RAM_SIZE);
    assert_non_null(ram);
    assert_non_null(read_only);
    assert_true(size <= ORACLE_RAM_SIZE);
    memset(ram, 0, ORACLE_RAM_SIZE);
    memset(read_only, 0, ORACLE_RAM_SIZE);
    memcpy(ram, payload, size);
    assert_hv(hv_vm_create(NULL));
    assert_hv(hv_vm_map(ram, ORACLE_RAM, ORACLE_RAM_SIZE, HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC));
    assert_hv(hv_vm_map(read_only, ORACLE_READ_ONLY, ORACLE_RAM_SIZE, HV_MEMORY_READ | HV_MEMORY_EXEC));
    hv_vcpu_t vcpu;
    hv_vcpu_exit_t *exit;
    assert_hv(hv_vcpu_create(&vcpu, &exit, NULL));
    assert_hv(hv_vcpu_set_sys_reg(vcpu, SYSREG_SCTLR, SCTLR));

    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    run(vcpu, exit, out);
    assert_int_equal(fclose(out), 0);

    assert_hv(hv_vcpu_destroy(vcpu));
    assert_hv(hv_vm_unmap(ORACLE_RAM, ORACLE_RAM_SIZE));
    assert_hv(hv_vm_unmap(ORACLE_READ_ONLY, ORACLE_RAM_SIZE));
    assert_hv(hv_vm_destroy());
    free(ram);
    free(read_only);
    return text;
}
