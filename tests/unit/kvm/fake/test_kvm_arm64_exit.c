/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The exits that only ARM64 has, and the result of a hypercall on its way back. */
#include "fake_kvm.h"
#include "linux/exit.h"

#include <errno.h>
#include <string.h>

static struct kvm_run run;
static abx_exit decoded;
static abx_kvm_vcpu vcpu;

static int prepare(void **state)
{
    (void)state;
    fake_reset();
    memset(&run, 0, sizeof(run));
    memset(&decoded, 0xee, sizeof(decoded));
    vcpu = (abx_kvm_vcpu){ .fd = 7, .run = &run, .run_size = sizeof(run) };
    return 0;
}

static void expect(uint32_t reason, abx_exit_kind kind)
{
    run.exit_reason = reason;
    assert_int_equal(abx_kvm_decode(&vcpu, &decoded), ABX_OK);
    assert_int_equal(decoded.kind, kind);
    assert_int_equal(decoded.reason, reason);
}

static void data_aborts_have_syndrome_and_address(void **state)
{
    (void)state;
    run.arm_nisv.esr_iss = 0x46;
    run.arm_nisv.fault_ipa = 0x9000018;
    expect(KVM_EXIT_ARM_NISV, ABX_EXIT_DATA_ABORT);
    assert_int_equal(decoded.data_abort.syndrome, 0x46);
    assert_int_equal(decoded.data_abort.address, 0x9000018);
}

static void debug_has_syndrome_and_address(void **state)
{
    (void)state;
    run.debug.arch.hsr = 0xd2000022;
    run.debug.arch.far = 0x1238;
    expect(KVM_EXIT_DEBUG, ABX_EXIT_DEBUG);
    assert_int_equal(decoded.debug.syndrome, 0xd2000022);
    assert_int_equal(decoded.debug.address, 0x1238);
}

static void the_result_of_a_hypercall_goes_into_x0(void **state)
{
    (void)state;
    run.hypercall.nr = 0x83000000;
    run.hypercall.longmode = 1;
    expect(KVM_EXIT_HYPERCALL, ABX_EXIT_HYPERCALL);
    assert_int_equal(decoded.hypercall.number, 0x83000000);
    assert_int_equal(decoded.hypercall.flags, 1);
    assert_int_equal(*decoded.hypercall.result, UINT64_MAX);
    assert_int_equal(fake_count(KVM_GET_ONE_REG), 6);
    assert_int_equal(fake_count(KVM_SET_ONE_REG), 0);
    assert_true(vcpu.careful);

    *decoded.hypercall.result = 77;
    fake.fail_request = KVM_SET_ONE_REG;
    fake.fail_error = EINTR;
    assert_int_equal(abx_kvm_arch_prepare_entry(&vcpu), 0);
    assert_int_equal(fake_count(KVM_SET_ONE_REG), 2); /* again after a signal */
    struct kvm_one_reg request;
    memcpy(&request, fake_last(KVM_SET_ONE_REG)->copy, sizeof(request));
    assert_int_equal(request.id, 0x6030000000100000);
    assert_int_equal(abx_kvm_arch_prepare_entry(&vcpu), 0);
    assert_int_equal(fake_count(KVM_SET_ONE_REG), 2);
}

static void a_failure_to_look_is_a_failure(void **state)
{
    (void)state;
    static const uint32_t reasons[] = { KVM_EXIT_HYPERCALL, KVM_EXIT_DEBUG };
    for (size_t i = 0; i < 2; i++) {
        run.exit_reason = reasons[i];
        fake.fail_request = KVM_GET_ONE_REG;
        fake.fail_error = ENOMEM;
        fake.fail_after = 0;
        assert_int_equal(abx_kvm_decode(&vcpu, &decoded), ABX_ERR_NO_MEMORY);
    }
}

static void others_are_unknown(void **state)
{
    (void)state;
    expect(KVM_EXIT_S390_TSCH, ABX_EXIT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(data_aborts_have_syndrome_and_address, prepare),
        cmocka_unit_test_setup(debug_has_syndrome_and_address, prepare),
        cmocka_unit_test_setup(the_result_of_a_hypercall_goes_into_x0, prepare),
        cmocka_unit_test_setup(a_failure_to_look_is_a_failure, prepare),
        cmocka_unit_test_setup(others_are_unknown, prepare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
