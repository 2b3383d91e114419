/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of every class, as the guest sees them and as it left them; the whole state; events; reset; time. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

enum { ONES = 0x01010101, STACK = 0x40600000, USER_STACK = 0x40500000 };

static void open_registers(guest *g)
{
    guest_open(g, "registers", NULL);
    guest_expect_write(g, TALK_PAGE + 0x100, 4, ONES);
    assert_ok(abx_vcpu_complete_io(g->vcpu));
}

/* Runs on to the program's report number `index`. */
static void expect_report(guest *g, unsigned index, uint64_t value)
{
    uint64_t address;
    do {
        guest_run_to(g, ABX_EXIT_MMIO);
        address = g->exit.mmio.address;
    } while (address < TALK_PAGE + 0x100 + 8 * index);
    assert_int_equal(address, TALK_PAGE + 0x100 + 8 * index);
    uint64_t told;
    memcpy(&told, g->exit.mmio.data, sizeof(told));
    assert_int_equal(told, value);
}

static void test_core(void **state)
{
    (void)state;
    static const abx_reg names[] = { ABX_ARM64_X(1),   ABX_ARM64_X(15), ABX_ARM64_X(29),  ABX_ARM64_X(30),
                                     ABX_ARM64_SP_EL1, ABX_ARM64_SP,    ABX_ARM64_ELR_EL1 };
    static const uint64_t expected[] = {
        0x0101010101010101, 0x1515151515151515, 0x2929292929292929, 0x3030303030303030, STACK,
        USER_STACK,         0x3030303030303030
    };
    guest g;
    open_registers(&g);
    uint64_t values[7];
    assert_ok(abx_vcpu_read_registers(g.vcpu, names, values, 7));
    assert_memory_equal(values, expected, sizeof(expected));
    assert_in_range(guest_register(&g, ABX_ARM64_PC), GUEST_RAM, GUEST_RAM + 0x1000);
    assert_int_equal(guest_register(&g, ABX_ARM64_PSTATE) & 0x3cf, ABX_ARM64_PSTATE_EL1H);
    static const abx_reg changed[] = { ABX_ARM64_X(15), ABX_ARM64_SP_EL1, ABX_ARM64_SP };
    static const uint64_t written[] = { 0xcafe0000cafe, STACK + 32, USER_STACK + 64 };
    assert_ok(abx_vcpu_write_registers(g.vcpu, changed, written, 3));
    expect_report(&g, 1, written[0]);
    expect_report(&g, 5, written[1]);
    expect_report(&g, 6, written[2]);
    guest_close(&g);
}

static void test_vectors(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    assert_int_equal(guest_register(&g, ABX_ARM64_V_LOW(7)), 0x0101010101010101);
    assert_int_equal(guest_register(&g, ABX_ARM64_V_HIGH(7)), 0x1515151515151515);
    static const abx_reg names[] = { ABX_ARM64_V_LOW(7), ABX_ARM64_V_HIGH(7), ABX_ARM64_FPCR };
    static const uint64_t written[] = { 0x1122334455667788, 0x99aabbccddeeff00, 1u << 24 }; /* flush to zero */
    assert_ok(abx_vcpu_write_registers(g.vcpu, names, written, 3));
    expect_report(&g, 2, written[0]);
    expect_report(&g, 3, written[1]);
    expect_report(&g, 7, written[2]);
    guest_close(&g);
}

static void test_system(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    assert_int_equal(guest_register(&g, ABX_ARM64_TPIDR_EL1), 0x1515151515151515);
    assert_int_equal(guest_register(&g, ABX_ARM64_TPIDR_EL0), 0x2929292929292929);
    assert_int_equal(guest_register(&g, ABX_ARM64_CPACR_EL1) >> 20 & 3, 3);
    assert_int_equal(guest_register(&g, ABX_ARM64_SCTLR_EL1) & 1, 0);
    assert_int_equal(guest_register(&g, ABX_ARM64_MPIDR_EL1) & 0xffffff, 0);
    static const abx_reg names[] = { ABX_ARM64_TPIDR_EL1, ABX_ARM64_VBAR_EL1, ABX_ARM64_TTBR0_EL1 };
    static const uint64_t written[] = { 0x123456789a, GUEST_RAM + 0x800, GUEST_RAM + 0x4000 };
    uint64_t read[3];
    assert_ok(abx_vcpu_write_registers(g.vcpu, names, written, 3));
    assert_ok(abx_vcpu_read_registers(g.vcpu, names, read, 3));
    assert_memory_equal(read, written, sizeof(written));
    expect_report(&g, 4, written[0]);
    guest_close(&g);
}

static void test_unknown_names(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    static const abx_reg names[] = { ABX_ARM64_X(0), ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 99),
                                     ABX_REG(ABX_ARCH_X86_64, 1, 0), ABX_ARM64_REG(77, 0),
                                     ABX_ARM64_SYSREG(3, 7, 15, 15, 7) };
    uint64_t values[2] = { 5, 5 };
    assert_status(abx_vcpu_read_registers(g.vcpu, names, values, 2), ABX_ERR_NOT_FOUND);
    assert_int_equal(values[0], 5);
    assert_status(abx_vcpu_read_registers(g.vcpu, names + 2, values, 1), ABX_ERR_NOT_FOUND);
    assert_status(abx_vcpu_write_registers(g.vcpu, names + 3, values, 1), ABX_ERR_NOT_FOUND);
    assert_status(abx_vcpu_read_registers(g.vcpu, names + 4, values, 1), ABX_ERR_NOT_FOUND);
    guest_close(&g);
}

/* The guest's count goes on from where it is set. */
static void test_time(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    uint64_t before = guest_register(&g, ABX_ARM64_CNTVCT_EL0);
    uint64_t later = before + (UINT64_C(1) << 40);
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_ARM64_CNTVCT_EL0, later));
    for (int i = 0; i < 8; i++)
        guest_run_to(&g, ABX_EXIT_MMIO);
    uint64_t told;
    assert_int_equal(g.exit.mmio.address, TALK_PAGE + 0x140);
    memcpy(&told, g.exit.mmio.data, sizeof(told));
    assert_in_range(told, later, later + (UINT64_C(1) << 39));
    guest_close(&g);
}

static void test_mp_state_and_events(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    abx_mp_state mp;
    assert_ok(abx_vcpu_get_mp_state(g.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_RUNNABLE);
    assert_ok(abx_vcpu_set_mp_state(g.vcpu, ABX_MP_STOPPED));
    assert_ok(abx_vcpu_get_mp_state(g.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_STOPPED);
    abx_arm64_events events;
    assert_ok(abx_arm64_get_events(g.vcpu, &events));
    assert_false(events.serror_pending);
    events.serror_pending = true;
    assert_ok(abx_arm64_set_events(g.vcpu, &events));
    assert_ok(abx_arm64_get_events(g.vcpu, &events));
    assert_true(events.serror_pending);
    guest_close(&g);
}

static void test_reset(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    assert_ok(abx_arm64_reset(g.vcpu));
    assert_int_equal(guest_register(&g, ABX_ARM64_X(15)), 0);
    assert_int_equal(guest_register(&g, ABX_ARM64_PC), 0);
    assert_int_equal(guest_register(&g, ABX_ARM64_PSTATE), ABX_ARM64_PSTATE_EL1H);
    guest_enter(&g, g.vcpu);
    guest_expect_write(&g, TALK_PAGE + 0x100, 4, ONES);
    guest_close(&g);
}

/* Half of a program in one VM, the other half in another. */
static void test_whole_state(void **state)
{
    (void)state;
    guest first;
    open_registers(&first);
    size_t size;
    assert_ok(abx_vcpu_save_state(first.vcpu, NULL, 0, &size));
    uint8_t *block = malloc(size);
    assert_non_null(block);
    assert_ok(abx_vcpu_save_state(first.vcpu, block, size, &size));

    guest second;
    guest_open(&second, "registers", NULL);
    assert_status(abx_vcpu_restore_state(second.vcpu, block, size / 2), ABX_ERR_FORMAT);
    block[0] ^= 1;
    assert_status(abx_vcpu_restore_state(second.vcpu, block, size), ABX_ERR_FORMAT);
    block[0] ^= 1;
    assert_ok(abx_vcpu_restore_state(second.vcpu, block, size));
    expect_report(&second, 1, 0x1515151515151515);
    expect_report(&second, 2, 0x0101010101010101);
    expect_report(&second, 3, 0x1515151515151515);
    expect_report(&second, 4, 0x1515151515151515);
    expect_report(&second, 5, STACK);
    expect_report(&second, 6, USER_STACK);
    free(block);
    guest_close(&second);
    guest_close(&first);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_core),   cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_system), cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_time),   cmocka_unit_test(test_mp_state_and_events),
        cmocka_unit_test(test_reset),  cmocka_unit_test(test_whole_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
