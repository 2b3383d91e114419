/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <stdio.h>
#include <string.h>

static const abx_backend *const both[] = { &fake_managed, &fake_manual };
static const abx_hypervisor_options options = {
    .size = sizeof(abx_hypervisor_options),
    .guest_arch = ABX_ARCH_X86_64,
    .backends = both,
    .backend_count = 2,
};

static void without_hardware(void)
{
    fake_manual_capabilities.bits[0] &= ~(UINT64_C(1) << ABX_CAP_HARDWARE);
    snprintf(fake_manual_capabilities.detail, sizeof(fake_manual_capabilities.detail), "software");
}

/* Guests of an architecture that neither the fake nor the KVM of this host runs. */
static abx_hypervisor_options foreign_options(void)
{
    abx_hypervisor_options foreign = options;
    fake_manual_capabilities.guest_archs = 1u << abx_host_arch();
    foreign.guest_arch = abx_host_arch() == ABX_ARCH_X86_64 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64;
    return foreign;
}

static void expect_auto(const abx_hypervisor_options *from, const char *name)
{
    abx_hypervisor *hypervisor;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "auto", from), ABX_OK);
    assert_string_equal(abx_hypervisor_backend(hypervisor), name);
    abx_hypervisor_close(hypervisor);
}

static void hardware_wins(void **state)
{
    (void)state;
    fake_manual_reset();
    expect_auto(&options, "fake");
    assert_string_equal(fake_log_text(), "open close");
}

static void software_kvm_is_not_hardware(void **state)
{
    (void)state;
    fake_manual_reset();
    without_hardware();
    const abx_backend *const reordered[] = { &fake_manual, &fake_managed };
    abx_hypervisor_options swapped = options;
    swapped.backends = reordered;
    abx_backend_report reports[8];
    size_t count;
    assert_int_equal(abx_hypervisor_list(&swapped, reports, 8, &count), ABX_OK);
    assert_false(reports[0].chosen);
    assert_non_null(strstr(reports[0].reason, "software"));
    assert_non_null(strstr(reports[0].reason, "no hardware virtualization"));
}

static void a_foreign_guest_needs_a_backend_that_runs_it(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_hypervisor_options foreign = foreign_options();
    expect_auto(&foreign, "qemu");
    abx_hypervisor *hypervisor = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &foreign), ABX_ERR_NOT_SUPPORTED);
    assert_null(hypervisor);
    assert_non_null(strstr(abx_last_error()->operation, abx_arch_name(foreign.guest_arch)));
    assert_string_equal(fake_log_text(), "open close managed_open managed_close open close");
}

static void failures_of_all_are_told_together(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_hypervisor_options foreign = foreign_options();
    fake_log_fail("managed_open", ABX_ERR_NOT_FOUND);
    abx_hypervisor *hypervisor = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, NULL, &foreign), ABX_ERR_NOT_FOUND);
    assert_null(hypervisor);
    const char *advice = abx_last_error()->advice;
    char refusal[64];
    snprintf(refusal, sizeof(refusal), "fake: open backend fake for %s guests", abx_arch_name(foreign.guest_arch));
    assert_non_null(strstr(advice, refusal));
    assert_non_null(strstr(advice, "qemu: fake managed_open"));
    assert_non_null(strstr(advice, "As the test wants it."));
}

static void by_name_it_is_that_one_or_none(void **state)
{
    (void)state;
    fake_manual_reset();
    without_hardware();
    abx_hypervisor *hypervisor;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    assert_false(abx_hypervisor_has(hypervisor, ABX_CAP_HARDWARE));
    abx_hypervisor_close(hypervisor);

    hypervisor = NULL;
    fake_log_fail("open", ABX_ERR_PERMISSION);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_ERR_PERMISSION);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "no such", &options), ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->advice, "auto, qemu, fake"));
    assert_null(hypervisor);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_hypervisor *hypervisor = NULL;
    abx_hypervisor_options wrong = options;
    assert_int_equal(abx_hypervisor_open(NULL, "fake", &options), ABX_ERR_INVALID);
    wrong.size = 3;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &wrong), ABX_ERR_INVALID);
    wrong = options;
    wrong.guest_arch = (abx_arch)7;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &wrong), ABX_ERR_INVALID);
    wrong = options;
    wrong.backends = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &wrong), ABX_ERR_INVALID);
    assert_null(hypervisor);
    assert_string_equal(fake_log_text(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hardware_wins),
        cmocka_unit_test(software_kvm_is_not_hardware),
        cmocka_unit_test(a_foreign_guest_needs_a_backend_that_runs_it),
        cmocka_unit_test(failures_of_all_are_told_together),
        cmocka_unit_test(by_name_it_is_that_one_or_none),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
