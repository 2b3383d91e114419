/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <string.h>

static const abx_backend incomplete = { .size = sizeof(abx_backend), .name = "half", .description = "not whole" };
static const abx_backend *const own[] = { &incomplete, &fake_manual, &fake_managed };
static const abx_hypervisor_options options = {
    .size = sizeof(abx_hypervisor_options),
    .guest_arch = ABX_ARCH_X86_64,
    .backends = own,
    .backend_count = 3,
};

enum { ROOM = 8 };

static void list_all(const abx_hypervisor_options *from, abx_backend_report *reports)
{
    size_t builtin, count;
    abx_builtin_backends(&builtin);
    assert_int_equal(abx_hypervisor_list(from, reports, ROOM, &count), ABX_OK);
    assert_int_equal(count, from->backend_count + builtin);
}

static void own_backends_come_first_with_reasons(void **state)
{
    (void)state;
    abx_backend_report reports[ROOM];
    fake_manual_reset();
    list_all(&options, reports);

    assert_string_equal(reports[0].name, "half");
    assert_false(reports[0].usable);
    assert_int_equal(reports[0].status, ABX_ERR_INVALID);
    assert_non_null(strstr(reports[0].advice, "lacks the function open"));
    assert_null(strstr(reports[0].reason, "lacks"));

    assert_string_equal(reports[1].name, "fake");
    assert_string_equal(reports[1].description, fake_manual.description);
    assert_true(reports[1].usable);
    assert_true(reports[1].chosen);
    assert_false(reports[1].managed);
    assert_string_equal(reports[1].reason,
                        "hardware virtualization (no guest at all): the first with hardware virtualization");
    assert_string_equal(reports[1].advice, "");
    assert_int_equal(reports[1].capabilities.max_gsi, 64);

    assert_true(reports[2].usable);
    assert_true(reports[2].managed);
    assert_false(reports[2].chosen);
    assert_string_equal(reports[2].reason, "no hardware virtualization: another one has hardware virtualization");
}

/* Guests of an architecture that neither the fake nor the KVM of this host runs. */
static abx_hypervisor_options foreign_options(void)
{
    abx_hypervisor_options foreign = options;
    fake_manual_capabilities.guest_archs = 1u << abx_host_arch();
    foreign.guest_arch = abx_host_arch() == ABX_ARCH_X86_64 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64;
    return foreign;
}

static void the_fallback_is_chosen_without_hardware(void **state)
{
    (void)state;
    abx_backend_report reports[ROOM];
    fake_manual_reset();
    abx_hypervisor_options foreign = foreign_options();
    list_all(&foreign, reports);
    assert_true(reports[1].usable);
    assert_false(reports[1].chosen);
    assert_non_null(strstr(reports[1].reason, "does not run guests of this architecture"));
    assert_true(reports[2].chosen);
    assert_non_null(strstr(reports[2].reason, "nothing here has hardware"));
}

static void failures_are_split_into_reason_and_advice(void **state)
{
    (void)state;
    abx_backend_report reports[ROOM];
    fake_manual_reset();
    fake_log_fail("open", ABX_ERR_PERMISSION);
    list_all(&options, reports);
    assert_false(reports[1].usable);
    assert_int_equal(reports[1].status, ABX_ERR_PERMISSION);
    assert_string_equal(reports[1].reason, "fake open: permission denied");
    assert_string_equal(reports[1].advice, "As the test wants it.");
}

static void the_count_may_be_larger_than_the_room(void **state)
{
    (void)state;
    abx_backend_report one;
    size_t count = 0;
    fake_manual_reset();
    memset(&one, 0, sizeof(one));
    assert_int_equal(abx_hypervisor_list(&options, NULL, 0, &count), ABX_OK);
    assert_in_range(count, 3, ROOM);
    assert_int_equal(abx_hypervisor_list(&options, &one, 1, &count), ABX_OK);
    assert_string_equal(one.name, "half");
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    size_t count = 99;
    abx_backend_report report;
    abx_hypervisor_options wrong = { .size = 1 };
    assert_int_equal(abx_hypervisor_list(&options, &report, 1, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_hypervisor_list(&options, NULL, 1, &count), ABX_ERR_INVALID);
    assert_int_equal(abx_hypervisor_list(&wrong, &report, 1, &count), ABX_ERR_INVALID);
    assert_int_equal(count, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_backends_come_first_with_reasons),
        cmocka_unit_test(the_fallback_is_chosen_without_hardware),
        cmocka_unit_test(failures_are_split_into_reason_and_advice),
        cmocka_unit_test(the_count_may_be_larger_than_the_room),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
