/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers by name: written from outside, seen by the guest, and the other way round. */
#include "arm64_guest.h"

#include <stdlib.h>

static arm64_guest guest;

GUEST(nothing, "b .");

static void round_trip(abx_reg name, uint64_t value)
{
    guest_set(&guest, name, value);
    assert_int_equal(guest_get(&guest, name), value);
}

static void every_register_keeps_its_own_value(void **state)
{
    (void)state;
    guest_open(&guest, NULL, nothing);
    abx_reg names[31 + 6 + 66];
    uint64_t values[31 + 6 + 66], read[31 + 6 + 66];
    size_t count = 0;
    for (unsigned i = 0; i < 31; i++)
        names[count++] = ABX_ARM64_X(i);
    const abx_reg rest[] = { ABX_ARM64_SP,      ABX_ARM64_PC,        ABX_ARM64_SP_EL1,
                             ABX_ARM64_ELR_EL1, ABX_ARM64_TPIDR_EL1, ABX_ARM64_VBAR_EL1 };
    for (unsigned i = 0; i < 6; i++)
        names[count++] = rest[i];
    for (unsigned i = 0; i < 32; i++) {
        names[count++] = ABX_ARM64_V_LOW(i);
        names[count++] = ABX_ARM64_V_HIGH(i);
    }
    names[count++] = ABX_ARM64_FPSR;
    for (size_t i = 0; i < count; i++)
        values[i] = names[i] == ABX_ARM64_FPSR ? 0x8000001f : 0x1000 * (i + 1);
    assert_ok(abx_vcpu_write_registers(guest.vcpu, names, values, count));
    assert_ok(abx_vcpu_read_registers(guest.vcpu, names, read, count));
    assert_memory_equal(values, read, count * sizeof(*values));
    round_trip(ABX_ARM64_PSTATE, 0x600003c4);
    round_trip(ABX_ARM64_SPSR_EL1, 0x3c5);
    round_trip(ABX_ARM64_TTBR0_EL1, 0x40080000);
    round_trip(ABX_ARM64_TTBR1_EL1, 0x40090000);
    round_trip(ABX_ARM64_TPIDR_EL0, 0x77);
    guest_close(&guest);
}

static bool holds(const abx_reg *names, size_t count, abx_reg name)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] == name)
            return true;
    }
    return false;
}

static void every_listed_register_can_be_read(void **state)
{
    (void)state;
    guest_open(&guest, NULL, nothing);
    size_t count = 0;
    assert_ok(abx_arm64_sysreg_list(guest.vcpu, NULL, 0, &count));
    assert_in_range(count, 20, 2000);
    abx_reg *names = calloc(count, sizeof(*names));
    assert_non_null(names);
    assert_ok(abx_arm64_sysreg_list(guest.vcpu, names, count, &count));
    assert_true(holds(names, count, ABX_ARM64_SCTLR_EL1));
    assert_true(holds(names, count, ABX_ARM64_CNTV_CVAL_EL0));
    assert_true(holds(names, count, ABX_ARM64_CNTVCT_EL0));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ABX_REG_CLASS(names[i]), ABX_ARM64_CLASS_SYSREG);
        guest_get(&guest, names[i]);
    }
    free(names);
    guest_close(&guest);
}

GUEST(views, "add x0, x0, x5\n str x0, [x1]\n"
             "mrs x0, tpidr_el1\n str x0, [x1]\n"
             "mov x0, #3 << 20\n msr cpacr_el1, x0\n isb\n"
             "fmov x0, d7\n str x0, [x1]\n fmov x0, v7.d[1]\n str x0, [x1]\n"
             "fmov v8.d[1], x0\n mov x0, sp\n str x0, [x1]\n"
             "mrs x0, sp_el0\n str x0, [x1]\n"
             "mrs x0, cntv_cval_el0\n str x0, [x1]\n");

static void the_guest_sees_the_same(void **state)
{
    (void)state;
    guest_open(&guest, NULL, views);
    guest_set(&guest, ABX_ARM64_X(0), 40);
    guest_set(&guest, ABX_ARM64_X(5), 2);
    guest_set(&guest, ABX_ARM64_TPIDR_EL1, 0x123456789a);
    guest_set(&guest, ABX_ARM64_V_LOW(7), 0x1111222233334444);
    guest_set(&guest, ABX_ARM64_V_HIGH(7), 0x5555666677778888);
    guest_set(&guest, ABX_ARM64_SP_EL1, 0x40010000);
    guest_set(&guest, ABX_ARM64_SP, 0x40020000);
    guest_set(&guest, ABX_ARM64_CNTV_CVAL_EL0, 0xabcdef0123);
    guest_start(&guest);
    guest_expect(&guest, 42);
    guest_expect(&guest, 0x123456789a);
    guest_expect(&guest, 0x1111222233334444);
    guest_expect(&guest, 0x5555666677778888);
    guest_expect(&guest, 0x40010000);
    guest_expect(&guest, 0x40020000);
    guest_expect(&guest, 0xabcdef0123);
    assert_int_equal(guest_get(&guest, ABX_ARM64_V_HIGH(8)), 0x5555666677778888);
    guest_close(&guest);
}

GUEST(count, "isb\n mrs x0, cntvct_el0\n str x0, [x1]");

/* KVM's ids of the two are swapped, ours are not. */
static void the_count_and_its_compare_value_are_two_registers(void **state)
{
    (void)state;
    guest_open(&guest, NULL, count);
    const uint64_t far = UINT64_C(1) << 50;
    guest_set(&guest, ABX_ARM64_CNTV_CVAL_EL0, 17);
    guest_set(&guest, ABX_ARM64_CNTVCT_EL0, far);
    assert_int_equal(guest_get(&guest, ABX_ARM64_CNTV_CVAL_EL0), 17);
    assert_in_range(guest_get(&guest, ABX_ARM64_CNTVCT_EL0), far, far + (UINT64_C(1) << 40));
    guest_start(&guest);
    assert_in_range(guest_report(&guest), far, far + (UINT64_C(1) << 40));
    guest_close(&guest);
}

static void what_there_is_not_is_not_found(void **state)
{
    (void)state;
    guest_open(&guest, NULL, nothing);
    const abx_reg unknown[] = { ABX_ARM64_REG(ABX_ARM64_CLASS_CORE, 37),
                                ABX_ARM64_REG(ABX_ARM64_CLASS_FP, 66),
                                ABX_ARM64_REG(9, 0),
                                ABX_X86_RAX,
                                ABX_ARM64_SYSREG(1, 7, 15, 15, 7),
                                ABX_ARM64_Z(0, 0) };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        const abx_reg names[] = { ABX_ARM64_X(0), unknown[i] };
        uint64_t values[] = { 1, 2 };
        assert_status(abx_vcpu_read_registers(guest.vcpu, names, values, 2), ABX_ERR_NOT_FOUND);
        assert_int_equal(values[0], 1);
        assert_status(abx_vcpu_write_register(guest.vcpu, unknown[i], 0), ABX_ERR_NOT_FOUND);
    }
    guest_close(&guest);
}

static void a_class_is_written_as_a_whole_or_not_at_all(void **state)
{
    (void)state;
    guest_open(&guest, NULL, nothing);
    guest_set(&guest, ABX_ARM64_X(3), 3);
    const abx_reg names[] = { ABX_ARM64_X(3), ABX_ARM64_X(4), ABX_ARM64_PSTATE };
    const uint64_t values[] = { 33, 44, 0x3cf }; /* EL3 */
    assert_status(abx_vcpu_write_registers(guest.vcpu, names, values, 3), ABX_ERR_RANGE);
    assert_int_equal(guest_get(&guest, ABX_ARM64_X(3)), 3);
    assert_int_equal(guest_get(&guest, ABX_ARM64_X(4)), 0);
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_ARM64_FPCR, UINT64_C(1) << 32), ABX_ERR_RANGE);
    guest_close(&guest);
}

static void scalable_vectors_where_there_are_any(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    config.sve = ABX_YES;
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
    bool offered = abx_hypervisor_has(hypervisor, ABX_CAP_SVE);
    assert_status(abx_vm_config_validate(&config, hypervisor, NULL, 0, NULL), offered ? ABX_OK : ABX_ERR_CONFIG);
    abx_hypervisor_close(hypervisor);
    if (!offered) {
        print_message("this host has no SVE for guests: that it is refused is all that was tested\n");
        skip();
    }
    guest_open(&guest, &config, nothing);
    round_trip(ABX_ARM64_V_LOW(31), 0x1234);
    round_trip(ABX_ARM64_V_HIGH(31), 0x5678);
    assert_int_equal(guest_get(&guest, ABX_ARM64_Z(31, 0)), 0x1234);
    assert_int_equal(guest_get(&guest, ABX_ARM64_Z(31, 1)), 0x5678);
    round_trip(ABX_ARM64_P(15, 0), 0x7);
    round_trip(ABX_ARM64_FFR(0), 0x3);
    round_trip(ABX_ARM64_FPSR, 0x1f);
    guest_close(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_register_keeps_its_own_value),
        cmocka_unit_test(every_listed_register_can_be_read),
        cmocka_unit_test(the_guest_sees_the_same),
        cmocka_unit_test(the_count_and_its_compare_value_are_two_registers),
        cmocka_unit_test(what_there_is_not_is_not_found),
        cmocka_unit_test(a_class_is_written_as_a_whole_or_not_at_all),
        cmocka_unit_test(scalable_vectors_where_there_are_any),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
