/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/pvpanic.h"

#include <arcbox/arm64.h>

static void begin(fake_host *host)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, true);
    assert_int_equal(abx_pvpanic_new(&host->device, &interface, interface.ports, 0x505), ABX_OK);
}

static void it_says_what_it_understands(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    assert_int_equal(guest_in(&host, 0x505, 1), 3);
    fake_host_end(&host);
}

static void a_panic_ends_the_machine(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    guest_out(&host, 0x505, 1, 0xfc);
    guest_out(&host, 0x505, 1, 0);
    assert_int_equal(host.finished + host.told, 0);
    guest_out(&host, 0x505, 1, 0xff);
    assert_int_equal(host.finished, 1);
    assert_int_equal(host.end, ABX_END_PANIC);
    assert_int_equal(host.code, 3);
    fake_host_end(&host);
}

/* The guest goes on to write its dump. */
static void a_crash_kernel_runs_on(void **state)
{
    (void)state;
    fake_host host;
    begin(&host);
    guest_out(&host, 0x505, 1, 2);
    assert_int_equal(host.finished, 0);
    assert_int_equal(host.told, 1);
    assert_int_equal(host.event, ABX_EVENT_GUEST_PANIC);
    assert_int_equal(host.event_code, 2);
    fake_host_end(&host);
}

static void it_lies_in_memory_as_well(void **state)
{
    (void)state;
    fake_host host;
    fake_host_init(&host);
    const abx_device_host interface = fake_host_interface(&host, true);
    assert_int_equal(abx_pvpanic_new(&host.device, &interface, interface.mmio, ABX_ARM64_PVPANIC), ABX_OK);
    assert_int_equal(guest_load(&host, ABX_ARM64_PVPANIC, 1), 3);
    guest_store(&host, ABX_ARM64_PVPANIC, 1, 1);
    assert_int_equal(host.end, ABX_END_PANIC);
    fake_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_it_understands),
        cmocka_unit_test(a_panic_ends_the_machine),
        cmocka_unit_test(a_crash_kernel_runs_on),
        cmocka_unit_test(it_lies_in_memory_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
