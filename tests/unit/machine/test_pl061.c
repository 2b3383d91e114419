/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/pl061.h"

#include <arcbox/arm64.h>

enum {
    ALL = 0x3fc, /* the data of all lines */
    DIR = 0x400,
    IS = 0x404,
    IBE = 0x408,
    IEV = 0x40c,
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c,
    AFSEL = 0x420,
    BUTTON = 8,
};

static fake_host host;

static int begin(void **state)
{
    (void)state;
    fake_host_init(&host);
    const abx_device_host interface = fake_host_interface(&host, true);
    return abx_pl061_new(&host.device, &interface) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    fake_host_end(&host);
    return 0;
}

static uint32_t get(uint64_t offset)
{
    return (uint32_t)guest_load(&host, ABX_ARM64_GPIO + offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
    guest_store(&host, ABX_ARM64_GPIO + offset, 4, value);
}

static bool line(void)
{
    return host.level[ABX_ARM64_SPI_GPIO];
}

static void registers_after_reset(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < 0xfe0; offset += 4)
        assert_int_equal(get(offset), 0);
    assert_int_equal(get(0xfe0), 0x61);
    assert_int_equal(get(0xffc), 0xb1);
}

static void the_address_says_which_lines_are_meant(void **state)
{
    (void)state;
    put(DIR, 0xf0);
    put(ALL, 0xff);
    assert_int_equal(get(ALL), 0xf0); /* inputs show what is outside */
    put(0x10 << 2, 0x00);
    assert_int_equal(get(ALL), 0xe0);
    assert_int_equal(get(0x20 << 2), 0x20);
    put(0, 0xff);
    assert_int_equal(get(ALL), 0xe0);
    put(AFSEL, 0x55);
    assert_int_equal(get(AFSEL), 0x55);
}

/* As Linux's gpio-keys does: both edges, and it looks a while after the interrupt. */
static void the_power_button_is_pressed_until_it_was_seen(void **state)
{
    (void)state;
    put(IBE, BUTTON);
    put(IE, BUTTON);
    abx_pl061_press(&host.device);
    assert_true(line());
    assert_int_equal(get(MIS), BUTTON);
    put(IC, BUTTON);
    assert_false(line());
    assert_int_equal(get(0x04 << 2), 0); /* another line is not meant */
    assert_false(line());
    assert_int_equal(get(BUTTON << 2), BUTTON);
    assert_true(line()); /* and is let go */
    put(IC, BUTTON);
    assert_false(line());
    assert_int_equal(get(BUTTON << 2), 0);
    assert_int_equal(host.edges[ABX_ARM64_SPI_GPIO], 2);
    abx_pl061_press(&host.device);
    assert_true(line());
}

static void edges_and_levels(void **state)
{
    (void)state;
    put(IE, BUTTON);
    abx_pl061_press(&host.device); /* falling edges are waited for */
    assert_false(line());
    assert_int_equal(get(ALL), BUTTON);
    assert_true(line());
    put(IC, BUTTON);
    put(IEV, BUTTON); /* rising ones */
    abx_pl061_press(&host.device);
    assert_true(line());
    put(IC, BUTTON);
    assert_int_equal(get(ALL), BUTTON);
    assert_false(line());
    put(IS, BUTTON); /* a high level */
    abx_pl061_press(&host.device);
    assert_true(line());
    put(IC, BUTTON); /* does not clear it */
    assert_true(line());
    assert_int_equal(get(ALL), BUTTON);
    assert_false(line());
    put(IEV, 0); /* a low one */
    assert_true(line());
    put(IE, 0);
    assert_int_equal(get(RIS) & BUTTON, BUTTON);
    assert_int_equal(get(MIS), 0);
    assert_false(line());
}

static void nothing_anywhere_does_harm(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < 0x1000; offset++) {
        for (uint8_t size = 1; size <= 8; size = (uint8_t)(size * 2)) {
            guest_store(&host, ABX_ARM64_GPIO + offset, size, UINT64_MAX);
            guest_load(&host, ABX_ARM64_GPIO + offset, size);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_after_reset),
        TEST(the_address_says_which_lines_are_meant),
        TEST(the_power_button_is_pressed_until_it_was_seen),
        TEST(edges_and_levels),
        TEST(nothing_anywhere_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
