/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"

#include "virtio/rng.h"

#include <string.h>

static guest vm;

static int begin(void **state)
{
    (void)state;
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    return abx_virtio_rng_new(&vm.host.device, &host, WINDOW, LINE) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    guest_end(&vm);
    return 0;
}

static void resume(void)
{
    vm.host.device.ops->resume(vm.host.device.object);
}

/* How many different bytes there are: 256 random ones have more than 100 but for one time in 10^30. */
static unsigned variety(const uint8_t *bytes, size_t length)
{
    bool seen[256] = { false };
    unsigned count = 0;
    for (size_t i = 0; i < length; i++) {
        count += !seen[bytes[i]];
        seen[bytes[i]] = true;
    }
    return count;
}

static void it_is_an_entropy_device(void **state)
{
    (void)state;
    assert_int_equal(guest_get(&vm, MMIO_DEVICE_ID), 4);
    assert_int_equal(guest_offered(&vm), F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS);
    assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG, 4), 0);
    guest_put(&vm, MMIO_CONFIG, 1);
    guest_put(&vm, MMIO_QUEUE_SEL, 1);
    assert_int_equal(guest_get(&vm, MMIO_QUEUE_NUM_MAX), 0);
}

static void buffers_are_filled(void **state)
{
    (void)state;
    resume();
    for (unsigned kind = 0; kind < 4; kind++) {
        guest_start(&vm, F_VERSION_1 | (kind & 1 ? F_PACKED : 0) | (kind & 2 ? F_EVENTS : 0), 1, 8);
        memset(guest_at(&vm, DATA), 0, 0x1000);
        const buffer buffers[] = { { DATA + 0x10, 300, true }, { DATA + 0x200, 700, true } };
        assert_int_equal(guest_request(&vm, 0, buffers, 2), 1000);
        assert_true(variety(guest_at(&vm, DATA + 0x10), 300) > 100);
        assert_true(variety(guest_at(&vm, DATA + 0x200), 700) > 100);
        assert_int_equal(variety(guest_at(&vm, DATA), 0x10), 1);
        assert_int_equal(variety(guest_at(&vm, DATA + 0x10 + 300), 0x200 - 0x10 - 300), 1);
    }
}

static void a_large_buffer_is_filled_in_part(void **state)
{
    (void)state;
    resume();
    guest_start(&vm, F_VERSION_1, 1, 8);
    assert_int_equal(guest_request(&vm, 0, &(buffer){ DATA, 0xf0000, true }, 1), 0x10000);
    assert_true(variety(guest_at(&vm, DATA + 0xff00), 256) > 100);
    assert_int_equal(variety(guest_at(&vm, DATA + 0x10000), 0x1000), 1);
}

static void what_is_only_readable_stays_as_it_is(void **state)
{
    (void)state;
    resume();
    guest_start(&vm, F_VERSION_1, 1, 8);
    memset(guest_at(&vm, DATA), 7, 64);
    assert_int_equal(guest_request(&vm, 0, &(buffer){ DATA, 64, false }, 1), 0);
    assert_int_equal(variety(guest_at(&vm, DATA), 64), 1);
}

static void nothing_happens_while_it_is_paused(void **state)
{
    (void)state;
    guest_start(&vm, F_VERSION_1, 1, 8);
    guest_send(&vm, 0, &(buffer){ DATA, 64, true }, 1);
    uint32_t id, length;
    assert_false(driver_take(&vm.queues[0], &id, &length));
    resume();
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[0], &id, &length));
    vm.host.device.ops->pause(vm.host.device.object);
    guest_send(&vm, 0, &(buffer){ DATA, 64, true }, 1);
    guest_put(&vm, MMIO_STATUS, 0);
    resume();
    assert_false(driver_take(&vm.queues[0], &id, &length));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_an_entropy_device),
        TEST(buffers_are_filled),
        TEST(a_large_buffer_is_filled_in_part),
        TEST(what_is_only_readable_stays_as_it_is),
        TEST(nothing_happens_while_it_is_paused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
