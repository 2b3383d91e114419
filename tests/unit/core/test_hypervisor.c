/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"
#include "hypervisor_internal.h"

#include <string.h>

static void opening_gives_what_the_backend_says(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_string_equal(abx_hypervisor_backend(hypervisor), "fake");
    assert_int_equal(abx_hypervisor_guest_arch(hypervisor), ABX_ARCH_X86_64);
    assert_int_equal(abx_hypervisor_capabilities(hypervisor)->max_gsi, 64);
    assert_true(abx_hypervisor_has(hypervisor, ABX_CAP_MANUAL));
    assert_false(abx_hypervisor_has(hypervisor, ABX_CAP_DIRTY_LOG));
    assert_int_equal(abx_hypervisor_guest_arch(hypervisor), ABX_ARCH_X86_64);
    abx_hypervisor_close(hypervisor);
    assert_string_equal(fake_log_text(), "open close");
}

/* The fake's object is the options that it was given. */
static void options_are_copied(void **state)
{
    (void)state;
    char device[] = "/dev/kvm-of-mine";
    abx_hypervisor_options options = fake_manual_options;
    abx_hypervisor *hypervisor;
    fake_manual_reset();
    options.kvm_device = device;
    options.guest_arch = ABX_ARCH_HOST;
    fake_manual_capabilities.guest_archs = 1u << abx_host_arch();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    memset(device, 'x', sizeof(device) - 1);
    options.kick_signal = 12;

    const abx_hypervisor_options *kept = abx_hypervisor_object(hypervisor);
    assert_ptr_not_equal(kept, &options);
    assert_string_equal(kept->kvm_device, "/dev/kvm-of-mine");
    assert_int_equal(kept->kick_signal, 0);
    assert_int_equal(kept->guest_arch, abx_host_arch());
    assert_null(kept->qemu_binary);
    abx_hypervisor_close(hypervisor);
}

static void users_keep_it_open(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    abx_hypervisor_hold(hypervisor);
    abx_hypervisor_close(hypervisor);
    assert_string_equal(fake_log_text(), "open");
    abx_hypervisor_close(hypervisor);
    assert_string_equal(fake_log_text(), "open close");
}

static void failure_leaves_the_result_alone(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = (abx_hypervisor *)&hypervisor;
    fake_manual_reset();
    fake_log_fail("open", ABX_ERR_BUSY);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_ERR_BUSY);
    assert_ptr_equal(hypervisor, &hypervisor);
    assert_string_equal(fake_log_text(), "open");
}

static void nothing_is_a_harmless_hypervisor(void **state)
{
    (void)state;
    abx_hypervisor_close(NULL);
    assert_null(abx_hypervisor_backend(NULL));
    assert_int_equal(abx_hypervisor_guest_arch(NULL), ABX_ARCH_HOST);
    assert_null(abx_hypervisor_capabilities(NULL));
    assert_false(abx_hypervisor_has(NULL, ABX_CAP_MANUAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_gives_what_the_backend_says),
        cmocka_unit_test(options_are_copied),
        cmocka_unit_test(users_keep_it_open),
        cmocka_unit_test(failure_leaves_the_result_alone),
        cmocka_unit_test(nothing_is_a_harmless_hypervisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
