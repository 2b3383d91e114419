/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/rtc.h"

#include <stdlib.h>
#include <time.h>

static const uint64_t GIB = UINT64_C(1) << 30;

static void begin(fake_host *host, uint64_t low, uint64_t high)
{
    fake_host_init(host);
    const abx_device_host interface = fake_host_interface(host, true);
    assert_int_equal(abx_rtc_new(&host->device, &interface, low, high), ABX_OK);
}

static uint8_t cmos(fake_host *host, uint8_t index)
{
    guest_out(host, 0x70, 1, index);
    return (uint8_t)guest_in(host, 0x71, 1);
}

static void set_cmos(fake_host *host, uint8_t index, uint8_t value)
{
    guest_out(host, 0x70, 1, index);
    guest_out(host, 0x71, 1, value);
}

static int bcd(fake_host *host, uint8_t index)
{
    uint8_t value = cmos(host, index);
    assert_true((value >> 4) < 10 && (value & 15) < 10);
    return (value >> 4) * 10 + (value & 15);
}

/* As a driver does: the same seconds before and after. */
static time_t read_clock(fake_host *host)
{
    struct tm date = { 0 };
    do {
        date.tm_sec = bcd(host, 0x00);
        date.tm_min = bcd(host, 0x02);
        date.tm_hour = bcd(host, 0x04);
        date.tm_mday = bcd(host, 0x07);
        date.tm_mon = bcd(host, 0x08) - 1;
        date.tm_year = bcd(host, 0x32) * 100 + bcd(host, 0x09) - 1900;
    } while (date.tm_sec != bcd(host, 0x00));
    return timegm(&date);
}

static void it_shows_the_time_of_the_host(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, GIB, 0);
    assert_true(labs(read_clock(&host) - time(NULL)) <= 1);
    time_t now = time(NULL);
    int weekday = bcd(&host, 0x06);
    assert_true(weekday == gmtime(&now)->tm_wday + 1 || time(NULL) != now);
    fake_host_end(&host);
}

static void status_registers_are_those_of_a_running_clock(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, GIB, 0);
    assert_int_equal(cmos(&host, 0x0a) & 0x7f, 0x26);
    assert_int_equal(cmos(&host, 0x0b), 0x02);
    assert_int_equal(cmos(&host, 0x0c), 0x00);
    assert_int_equal(cmos(&host, 0x0d), 0x80);
    for (uint8_t index = 0x0a; index <= 0x0d; index++)
        set_cmos(&host, index, 0xff);
    assert_int_equal(cmos(&host, 0x0a), 0x7f);
    assert_int_equal(cmos(&host, 0x0b), 0xff);
    assert_int_equal(cmos(&host, 0x0c), 0x00);
    assert_int_equal(cmos(&host, 0x0d), 0x80);
    fake_host_end(&host);
}

static void the_guest_sets_it(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, GIB, 0);
    /* 2001-02-03 04:05:06, while the clock stands. */
    static const uint8_t date[][2] = {
        { 0x0b, 0x82 }, { 0x00, 0x06 }, { 0x02, 0x05 }, { 0x04, 0x04 },
        { 0x07, 0x03 }, { 0x08, 0x02 }, { 0x09, 0x01 }, { 0x32, 0x20 },
    };
    for (size_t i = 0; i < sizeof(date) / sizeof(date[0]); i++)
        set_cmos(&host, date[i][0], date[i][1]);
    assert_int_equal(read_clock(&host), 981173106);
    set_cmos(&host, 0x0b, 0x02);
    assert_true(read_clock(&host) - 981173106 <= 1);
    assert_int_equal(bcd(&host, 0x06), 7);
    /* A single register, while it runs. */
    set_cmos(&host, 0x09, 0x99);
    assert_int_equal(bcd(&host, 0x09), 99);
    assert_int_equal(bcd(&host, 0x32), 20);
    fake_host_end(&host);
}

static void hours_and_numbers_come_in_every_form(void **state)
{
    (void)state;
    static const struct {
        uint8_t mode, hour, shown;
    } cases[] = {
        { 0x82, 0x00, 0x00 }, { 0x82, 0x23, 0x23 }, { 0x86, 23, 23 },     { 0x80, 0x12, 0x12 },
        { 0x80, 0x92, 0x92 }, { 0x80, 0x91, 0x91 }, { 0x84, 0x8b, 0x8b }, { 0x84, 12, 12 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_host host;
        begin(&host, GIB, 0);
        set_cmos(&host, 0x0b, cases[i].mode);
        set_cmos(&host, 0x04, cases[i].hour);
        assert_int_equal(cmos(&host, 0x04), cases[i].shown);
        /* The same hour in 24 hours and BCD. */
        set_cmos(&host, 0x0b, 0x82);
        static const int hours[] = { 0, 23, 23, 0, 12, 23, 23, 0 };
        assert_int_equal(bcd(&host, 0x04), hours[i]);
        fake_host_end(&host);
    }
}

/* Nonsense in every register, again and again: whatever it shows afterwards, it shows digits. */
static void nonsense_does_no_harm(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, GIB, 0);
    unsigned seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        set_cmos(&host, (uint8_t)(seed >> 16), (uint8_t)(seed >> 8));
    }
    set_cmos(&host, 0x0b, 0x02);
    read_clock(&host);
    fake_host_end(&host);
}

static void memory_sizes_are_where_firmware_puts_them(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, 3 * GIB, 5 * GIB);
    assert_int_equal(cmos(&host, 0x15) | cmos(&host, 0x16) << 8, 640);
    assert_int_equal(cmos(&host, 0x17) | cmos(&host, 0x18) << 8, 0xffff);
    assert_int_equal(cmos(&host, 0x30) | cmos(&host, 0x31) << 8, 0xffff);
    assert_int_equal(cmos(&host, 0x34) | cmos(&host, 0x35) << 8, (3 * GIB - (16 << 20)) >> 16);
    assert_int_equal(cmos(&host, 0x5b) | cmos(&host, 0x5c) << 8 | cmos(&host, 0x5d) << 16, 5 * GIB >> 16);
    fake_host_end(&host);

    begin(&host, 8 << 20, 0);
    assert_int_equal(cmos(&host, 0x30) | cmos(&host, 0x31) << 8, 7 * 1024);
    assert_int_equal(cmos(&host, 0x34) | cmos(&host, 0x35) << 8, 0);
    fake_host_end(&host);
    begin(&host, 4096, 0);
    assert_int_equal(cmos(&host, 0x15) | cmos(&host, 0x16) << 8, 4);
    assert_int_equal(cmos(&host, 0x17) | cmos(&host, 0x18) << 8, 0);
    fake_host_end(&host);
}

static void other_bytes_are_memory(void **state)
{
    (void)state;
    fake_host host;
    begin(&host, GIB, 0);
    set_cmos(&host, 0x0f, 0x5a);
    assert_int_equal(cmos(&host, 0x8f), 0x5a);
    assert_int_equal(guest_in(&host, 0x70, 1), 0xff);
    guest_out(&host, 0x70, 2, 0xa57f);
    assert_int_equal(cmos(&host, 0x7f), 0xa5);
    fake_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_the_time_of_the_host),
        cmocka_unit_test(status_registers_are_those_of_a_running_clock),
        cmocka_unit_test(the_guest_sets_it),
        cmocka_unit_test(hours_and_numbers_come_in_every_form),
        cmocka_unit_test(nonsense_does_no_harm),
        cmocka_unit_test(memory_sizes_are_where_firmware_puts_them),
        cmocka_unit_test(other_bytes_are_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
