/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/debug_exit.h"

#include <arcbox/arm64.h>

static void begin(fake_host *host, uint16_t port)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, true);
    assert_int_equal(abx_debug_exit_new(&host->device, &interface, interface.ports, port), ABX_OK);
}

static void every_size_gives_its_status(void **state)
{
    (void)state;
    static const struct {
        uint8_t size;
        uint32_t value;
        uint64_t code;
    } cases[] = {
        { 1, 0, 1 },
        { 1, 0x10, 0x21 },
        { 1, 0xff, 0x1ff },
        { 2, 0x1234, 0x2469 },
        { 4, 0xffffffff, UINT64_C(0x1ffffffff) },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_host host;
        begin(&host, 0xf4);
        guest_out(&host, 0xf4, cases[i].size, cases[i].value);
        assert_int_equal(host.finished, 1);
        assert_int_equal(host.end, ABX_END_DEBUG_EXIT);
        assert_int_equal(host.code, cases[i].code);
        fake_host_end(&host);
    }
}

static void it_lies_where_it_is_wanted(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, 0x501);
    guest_out(&host, 0xf4, 1, 1);
    assert_int_equal(host.finished, 0);
    assert_int_equal(guest_in(&host, 0xf4, 1), 0xff);
    assert_int_equal(guest_in(&host, 0x501, 4), 0);
    guest_out(&host, 0x501, 1, 1);
    assert_int_equal(host.code, 3);
    fake_host_end(&host);
}

static void it_lies_in_memory_as_well(void **state)
{
    (void)state;
    fake_host host;
    fake_host_init(&host);
    const abx_device_host interface = fake_host_interface(&host, true);
    assert_int_equal(abx_debug_exit_new(&host.device, &interface, interface.mmio, ABX_ARM64_DEBUG_EXIT), ABX_OK);
    assert_int_equal(guest_load(&host, ABX_ARM64_DEBUG_EXIT, 4), 0);
    guest_store(&host, ABX_ARM64_DEBUG_EXIT, 4, 0x10);
    assert_int_equal(host.end, ABX_END_DEBUG_EXIT);
    assert_int_equal(host.code, 0x21);
    fake_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_gives_its_status),
        cmocka_unit_test(it_lies_where_it_is_wanted),
        cmocka_unit_test(it_lies_in_memory_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
