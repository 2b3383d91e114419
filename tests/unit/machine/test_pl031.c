/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/pl031.h"

#include <arcbox/arm64.h>

#include <time.h>

enum { DR = 0x00, MR = 0x04, LR = 0x08, CR = 0x0c, IMSC = 0x10, RIS = 0x14, MIS = 0x18, ICR = 0x1c };

static fake_host host;

static int begin(void **state)
{
    (void)state;
    fake_host_init(&host);
    const abx_device_host interface = fake_host_interface(&host, true);
    return abx_pl031_new(&host.device, &interface) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    fake_host_end(&host);
    return 0;
}

static uint32_t get(uint64_t offset)
{
    return (uint32_t)guest_load(&host, ABX_ARM64_RTC + offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
    guest_store(&host, ABX_ARM64_RTC + offset, 4, value);
}

/* The clock may have gone on meanwhile. */
static void assert_time(int64_t expected)
{
    int64_t seconds = (int64_t)get(DR) - (expected & UINT32_MAX);
    assert_true(seconds >= 0 && seconds < 60);
}

static void it_shows_the_hosts_time(void **state)
{
    (void)state;
    assert_time(time(NULL));
    assert_int_equal(get(CR), 1);
    put(CR, 0); /* it cannot be stopped */
    assert_int_equal(get(CR), 1);
    assert_int_equal(get(0xfe0), 0x31);
    assert_int_equal(get(0xff4), 0xf0);
}

static void the_guest_sets_its_own(void **state)
{
    (void)state;
    put(LR, 1000);
    assert_time(1000);
    assert_int_equal(get(LR), 1000);
    put(LR, 0xffffffff - 30);
    assert_true(get(DR) >= 0xffffffff - 30 || get(DR) < 60);
    put(DR, 5); /* for reading */
    assert_true(get(DR) != 5);
}

static void an_alarm_that_has_come_is_told(void **state)
{
    (void)state;
    put(LR, 1000000);
    assert_int_equal(get(RIS), 0);
    put(MR, 2000000);
    assert_int_equal(get(MR), 2000000);
    assert_int_equal(get(RIS), 0);
    put(MR, 1000000);
    assert_int_equal(get(RIS), 1);
    assert_int_equal(get(MIS), 0);
    put(IMSC, 0xff);
    assert_int_equal(get(IMSC), 1);
    assert_int_equal(get(MIS), 1);
    put(ICR, 1);
    assert_int_equal(get(RIS), 0);
    put(LR, 1000000); /* the counter wraps */
    put(MR, 1000000 - 0x70000000u);
    assert_int_equal(get(RIS), 1);
    for (int line = 0; line < 24; line++)
        assert_int_equal(host.edges[line], 0);
}

static void nothing_anywhere_does_harm(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < 0x1000; offset++) {
        for (uint8_t size = 1; size <= 8; size = (uint8_t)(size * 2)) {
            guest_store(&host, ABX_ARM64_RTC + offset, size, UINT64_MAX);
            guest_load(&host, ABX_ARM64_RTC + offset, size);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_shows_the_hosts_time),
        TEST(the_guest_sets_its_own),
        TEST(an_alarm_that_has_come_is_told),
        TEST(nothing_anywhere_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
