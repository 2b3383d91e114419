/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Calls to the kernel and what becomes of their failures. */
#include "fake_kvm.h"

#include <errno.h>
#include <string.h>

static int reset(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void fail_once(unsigned long request, int error)
{
    fake.fail_request = request;
    fake.fail_error = error;
    fake.fail_after = 0;
}

static void interrupted_calls_are_made_again(void **state)
{
    (void)state;
    fail_once(KVM_GET_API_VERSION, EINTR);
    assert_int_equal(abx_kvm_ioctl_value(5, KVM_GET_API_VERSION, 0), KVM_API_VERSION);
    assert_int_equal(fake.count, 2);
    assert_int_equal(fake.calls[1].fd, 5);
}

static void failures_are_negative_errnos(void **state)
{
    (void)state;
    fail_once(KVM_GET_API_VERSION, ENOTTY);
    assert_int_equal(abx_kvm_ioctl_value(5, KVM_GET_API_VERSION, 0), -ENOTTY);
    assert_int_equal(fake.count, 1);
}

static void unknown_extensions_are_absent(void **state)
{
    (void)state;
    fake.extensions[KVM_CAP_IRQFD] = 7;
    assert_int_equal(abx_kvm_extension(5, KVM_CAP_IRQFD), 7);
    fail_once(KVM_CHECK_EXTENSION, EINVAL);
    assert_int_equal(abx_kvm_extension(5, KVM_CAP_IRQFD), 0);
}

static void enabling_passes_the_argument(void **state)
{
    (void)state;
    struct kvm_enable_cap request;
    assert_int_equal(abx_kvm_enable(5, KVM_CAP_SPLIT_IRQCHIP, 24), 0);
    memcpy(&request, fake_last(KVM_ENABLE_CAP)->copy, sizeof(request));
    assert_int_equal(request.cap, KVM_CAP_SPLIT_IRQCHIP);
    assert_int_equal(request.args[0], 24);
    assert_int_equal(request.flags, 0);
}

static void failures_are_recorded(void **state)
{
    (void)state;
    assert_int_equal(abx_kvm_check(0, "not to be seen"), ABX_OK);
    assert_int_equal(abx_kvm_check(17, "not to be seen"), ABX_OK);
    assert_int_equal(abx_kvm_check(-ENOMEM, "map slot %d", 3), ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_last_error()->os_error, ENOMEM);
    assert_string_equal(abx_last_error()->operation, "map slot 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(interrupted_calls_are_made_again, reset),
        cmocka_unit_test_setup(failures_are_negative_errnos, reset),
        cmocka_unit_test_setup(unknown_extensions_are_absent, reset),
        cmocka_unit_test_setup(enabling_passes_the_argument, reset),
        cmocka_unit_test_setup(failures_are_recorded, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
