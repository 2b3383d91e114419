/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/ged.h"
#include "devices/serial.h"
#include "machine_virtio.h"

static void begin(fake_host *host, bool lines)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, lines);
    assert_int_equal(abx_ged_new(&host->device, &interface), ABX_OK);
}

static void each_press_is_an_edge(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, true);
    assert_int_equal(host.edges[ABX_GED_LINE], 0);
    for (unsigned pressed = 1; pressed <= 3; pressed++) {
        abx_ged_press(&host.device);
        assert_int_equal(host.edges[ABX_GED_LINE], pressed);
        assert_false(host.level[ABX_GED_LINE]);
    }
    fake_host_end(&host);
}

static void without_lines_nobody_hears(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, false);
    abx_ged_press(&host.device);
    assert_int_equal(host.edges[ABX_GED_LINE] + host.told + host.finished, 0);
    fake_host_end(&host);
}

/* Nor the serial port. */
static void no_virtio_device_shares_its_line(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < ABX_MACHINE_VIRTIO_MAX; i++)
        assert_int_not_equal(abx_machine_place_virtio(ABX_ARCH_X86_64, true, i).line, ABX_GED_LINE);
    assert_int_not_equal(ABX_SERIAL_LINE, ABX_GED_LINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_press_is_an_edge),
        cmocka_unit_test(without_lines_nobody_hears),
        cmocka_unit_test(no_virtio_device_shares_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
