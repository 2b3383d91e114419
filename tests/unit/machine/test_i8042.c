/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/i8042.h"

static void begin(fake_host *host)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, true);
    assert_int_equal(abx_i8042_new(&host->device, &interface), ABX_OK);
}

static void the_reset_command_resets(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    for (uint32_t command = 0; command < 0xfe; command++)
        guest_out(&host, 0x64, 1, command);
    guest_out(&host, 0x64, 1, 0xff);
    guest_out(&host, 0x60, 1, 0xfe);
    assert_int_equal(host.finished, 0);
    /* A command can be written at any time. */
    assert_int_equal(guest_in(&host, 0x64, 1) & 0x02, 0);
    guest_out(&host, 0x64, 1, 0xfe);
    assert_int_equal(host.finished, 1);
    assert_int_equal(host.end, ABX_END_RESET);
    fake_host_end(&host);
}

/* A driver that empties the buffer gives up after 16 bytes; a loop without a limit comes to its end. */
static void drivers_find_no_keyboard(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    int bytes = 0;
    while (guest_in(&host, 0x64, 1) & 0x01) {
        assert_int_equal(guest_in(&host, 0x60, 1), 0);
        bytes++;
    }
    assert_true(bytes > 16);
    assert_int_equal(guest_in(&host, 0x60, 1), 0);
    assert_int_equal(guest_in(&host, 0x64, 1), 0);
    fake_host_end(&host);
}

static void its_ports_are_its_own(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    assert_int_equal(guest_in(&host, 0x61, 1), 0xff);
    assert_int_equal(guest_in(&host, 0x64, 4) >> 8, 0xffffff);
    abx_device second;
    const abx_device_host interface = fake_host_interface(&host, true);
    assert_int_equal(abx_i8042_new(&second, &interface), ABX_ERR_EXISTS);
    fake_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reset_command_resets),
        cmocka_unit_test(drivers_find_no_keyboard),
        cmocka_unit_test(its_ports_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
