/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/acpi_pm.h"

static void begin(fake_host *host)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, true);
    assert_int_equal(abx_acpi_pm_new(&host->device, &interface), ABX_OK);
}

static void only_soft_off_switches_off(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    for (uint32_t value = 0; value < 256; value++) {
        if ((value & 0x3c) != 0x20)
            guest_out(&host, ABX_ACPI_SLEEP_CONTROL, 1, value);
    }
    assert_int_equal(host.finished, 0);
    guest_out(&host, ABX_ACPI_SLEEP_CONTROL, 1, 0x20);
    assert_int_equal(host.finished, 1);
    assert_int_equal(host.end, ABX_END_SHUTDOWN);
    fake_host_end(&host);
}

static void only_its_value_resets(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    for (uint32_t value = 0; value < 256; value++) {
        if (value != ABX_ACPI_RESET_VALUE)
            guest_out(&host, ABX_ACPI_RESET, 1, value);
    }
    assert_int_equal(host.finished, 0);
    guest_out(&host, ABX_ACPI_RESET, 1, ABX_ACPI_RESET_VALUE);
    assert_int_equal(host.finished, 1);
    assert_int_equal(host.end, ABX_END_RESET);
    fake_host_end(&host);
}

static void the_word_of_small_kernels_switches_off(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    guest_out(&host, 0x604, 2, 0x2000);
    assert_int_equal(host.finished, 1);
    assert_int_equal(host.end, ABX_END_SHUTDOWN);
    fake_host_end(&host);
}

static void nothing_is_ever_pending(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    guest_out(&host, ABX_ACPI_SLEEP_STATUS, 1, 0xff);
    assert_int_equal(guest_in(&host, ABX_ACPI_SLEEP_STATUS, 1), 0);
    assert_int_equal(guest_in(&host, ABX_ACPI_SLEEP_STATUS, 4), 0xff000000);
    assert_int_equal(host.finished, 0);
    fake_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_soft_off_switches_off),
        cmocka_unit_test(only_its_value_resets),
        cmocka_unit_test(the_word_of_small_kernels_switches_off),
        cmocka_unit_test(nothing_is_ever_pending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
