/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The exits that only x86_64 has. */
#include "fake_kvm.h"
#include "linux/exit.h"

#include <string.h>

static struct kvm_run run;
static abx_exit decoded;

static void expect(uint32_t reason, abx_exit_kind kind)
{
    run.exit_reason = reason;
    memset(&decoded, 0xee, sizeof(decoded));
    abx_kvm_vcpu vcpu = { .run = &run, .run_size = sizeof(run) };
    assert_int_equal(abx_kvm_decode(&vcpu, &decoded), ABX_OK);
    assert_int_equal(decoded.kind, kind);
    assert_int_equal(decoded.reason, reason);
}

static void hypercall_result_goes_into_the_page(void **state)
{
    (void)state;
    memset(&run, 0, sizeof(run));
    run.hypercall.nr = 12;
    for (unsigned i = 0; i < 6; i++)
        run.hypercall.args[i] = 100 + i;
    run.hypercall.longmode = 1;
    expect(KVM_EXIT_HYPERCALL, ABX_EXIT_HYPERCALL);
    assert_int_equal(decoded.hypercall.number, 12);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(decoded.hypercall.arguments[i], 100 + i);
    assert_int_equal(decoded.hypercall.flags, 1);
    *decoded.hypercall.result = 77;
    assert_int_equal(run.hypercall.ret, 77);
}

static void msr_accesses_are_answered_in_place(void **state)
{
    (void)state;
    memset(&run, 0, sizeof(run));
    run.msr.index = 0xc0010015;
    run.msr.reason = KVM_MSR_EXIT_REASON_FILTER;
    run.msr.data = 99;
    expect(KVM_EXIT_X86_WRMSR, ABX_EXIT_MSR_WRITE);
    assert_int_equal(decoded.msr.index, 0xc0010015);
    assert_int_equal(decoded.msr.reason, 4);
    assert_int_equal(*decoded.msr.data, 99);
    expect(KVM_EXIT_X86_RDMSR, ABX_EXIT_MSR_READ);
    *decoded.msr.data = 42;
    *decoded.msr.error = 1;
    assert_int_equal(run.msr.data, 42);
    assert_int_equal(run.msr.error, 1);
}

static void debug_has_the_registers(void **state)
{
    (void)state;
    memset(&run, 0, sizeof(run));
    run.debug.arch.exception = 1;
    run.debug.arch.pc = 0x1234;
    run.debug.arch.dr6 = 0x4000;
    run.debug.arch.dr7 = 0x400;
    expect(KVM_EXIT_DEBUG, ABX_EXIT_DEBUG);
    assert_int_equal(decoded.debug.exception, 1);
    assert_int_equal(decoded.debug.pc, 0x1234);
    assert_int_equal(decoded.debug.dr6, ABX_DEBUG_DR6_SINGLE_STEP);
    assert_int_equal(decoded.debug.dr7, 0x400);
    assert_int_equal(decoded.debug.syndrome, 0);
}

static void interrupt_controllers(void **state)
{
    (void)state;
    memset(&run, 0, sizeof(run));
    run.eoi.vector = 0x31;
    expect(KVM_EXIT_IOAPIC_EOI, ABX_EXIT_IOAPIC_EOI);
    assert_int_equal(decoded.eoi_vector, 0x31);
    run.tpr_access.rip = 0x5678;
    run.tpr_access.is_write = 1;
    expect(KVM_EXIT_TPR_ACCESS, ABX_EXIT_TPR_ACCESS);
    assert_int_equal(decoded.tpr.pc, 0x5678);
    assert_true(decoded.tpr.is_write);
    expect(KVM_EXIT_SET_TPR, ABX_EXIT_SET_TPR);
    expect(KVM_EXIT_X86_BUS_LOCK, ABX_EXIT_BUS_LOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hypercall_result_goes_into_the_page),
        cmocka_unit_test(msr_accesses_are_answered_in_place),
        cmocka_unit_test(debug_has_the_registers),
        cmocka_unit_test(interrupt_controllers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
