/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loopback.h"

#include "fake_log.h"
#include "fake_manual.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const uint64_t COMMON = F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS;

static guest vm;
static loopback device;

static int begin(void **state)
{
    (void)state;
    guest_begin(&vm);
    loopback_new(&device, &vm, -1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    guest_end(&vm);
    return 0;
}

static void put_text(abx_gpa gpa, const char *text)
{
    memcpy(guest_at(&vm, gpa), text, strlen(text));
}

/* A request through queue `index` comes back. */
static void expect_echo(uint32_t index)
{
    const buffer buffers[] = { { DATA, 5, false }, { DATA + 64, 16, true } };
    put_text(DATA, "hello");
    memset(guest_at(&vm, DATA + 64), 0, 16);
    assert_int_equal(guest_request(&vm, index, buffers, 2), 5);
    assert_memory_equal(guest_at(&vm, DATA + 64), "hello", 6);
}

static void registers_after_creation(void **state)
{
    (void)state;
    assert_int_equal(guest_get(&vm, MMIO_MAGIC), 0x74726976);
    assert_int_equal(guest_get(&vm, MMIO_VERSION), 2);
    assert_int_equal(guest_get(&vm, MMIO_DEVICE_ID), LOOPBACK_ID);
    assert_int_not_equal(guest_get(&vm, MMIO_VENDOR_ID), 0);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 0);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG_GENERATION), 0);
    assert_int_equal(guest_offered(&vm), COMMON | LOOPBACK_FEATURE);
    guest_put(&vm, MMIO_DEVICE_FEATURES_SEL, 2);
    assert_int_equal(guest_get(&vm, MMIO_DEVICE_FEATURES), 0);
    for (uint32_t i = 0; i < 20; i++) {
        guest_put(&vm, MMIO_QUEUE_SEL, i);
        assert_int_equal(guest_get(&vm, MMIO_QUEUE_NUM_MAX), i < LOOPBACK_QUEUES ? LOOPBACK_SIZE : 0);
        assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
    }
    for (uint64_t offset = MMIO_SHM_LEN_LOW; offset <= MMIO_SHM_BASE_HIGH; offset += 4)
        assert_int_equal(guest_get(&vm, offset), UINT32_MAX);
}

static void registers_have_one_size(void **state)
{
    (void)state;
    guest_start(&vm, COMMON, 1, 8);
    for (uint64_t offset = 0; offset < MMIO_CONFIG; offset++) {
        for (uint8_t size = 1; size <= 8; size = (uint8_t)(size * 2)) {
            if (size == 4 && offset % 4 == 0)
                continue;
            guest_store(&vm.host, WINDOW + offset, size, 0);
            guest_store(&vm.host, WINDOW + offset, size, UINT64_MAX);
            assert_int_equal(guest_load(&vm.host, WINDOW + offset, size), 0);
        }
    }
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15);
    expect_echo(0);
}

static void features_that_are_accepted(void **state)
{
    (void)state;
    static const uint64_t right[] = { F_VERSION_1, F_VERSION_1 | F_PACKED, F_VERSION_1 | LOOPBACK_FEATURE,
                                      F_VERSION_1 | 4, F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS | 1 };
    for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
        assert_true(guest_negotiate(&vm, right[i]));
        assert_int_equal(device.features, right[i]);
    }
    static const uint64_t wrong[] = { 0,
                                      LOOPBACK_FEATURE,
                                      F_PACKED,
                                      F_VERSION_1 | 2,
                                      UINT64_MAX,
                                      F_VERSION_1 | UINT64_C(1) << 33 /* ACCESS_PLATFORM */,
                                      F_VERSION_1 | UINT64_C(1) << 63 };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_false(guest_negotiate(&vm, wrong[i]));
        guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK); /* no further */
        assert_int_equal(guest_get(&vm, MMIO_STATUS), STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    }
    /* Accepted ones cannot be changed any more, refused ones can. */
    guest_put(&vm, MMIO_DRIVER_FEATURES_SEL, 0);
    guest_put(&vm, MMIO_DRIVER_FEATURES, 0);
    guest_put(&vm, MMIO_DRIVER_FEATURES_SEL, 1);
    guest_put(&vm, MMIO_DRIVER_FEATURES, 1);
    guest_put(&vm, MMIO_DRIVER_FEATURES_SEL, 2);
    guest_put(&vm, MMIO_DRIVER_FEATURES, UINT32_MAX);
    guest_put(&vm, MMIO_STATUS, STATUS_FEATURES_OK);
    assert_true(guest_get(&vm, MMIO_STATUS) & STATUS_FEATURES_OK);
    guest_put(&vm, MMIO_DRIVER_FEATURES_SEL, 1);
    guest_put(&vm, MMIO_DRIVER_FEATURES, 5);
    guest_set_queue(&vm, 0, 8, F_VERSION_1);
    guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK);
    expect_echo(0); /* a split queue */
}

static void status_bits_are_only_added(void **state)
{
    (void)state;
    guest_put(&vm, MMIO_STATUS, STATUS_ACKNOWLEDGE);
    guest_put(&vm, MMIO_STATUS, STATUS_DRIVER);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    guest_put(&vm, MMIO_STATUS, 0xffffff00u | STATUS_NEEDS_RESET | STATUS_FAILED | 0x30);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FAILED);
    guest_put(&vm, MMIO_STATUS, 0);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 0);
    assert_int_equal(device.resets, 1);
}

static void requests_of_every_kind_of_queue(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_EVENTS, F_TABLES, F_TABLES | F_EVENTS };
    for (unsigned i = 0; i < 8; i++) {
        guest_start(&vm, F_VERSION_1 | kinds[i / 2] | (i & 1 ? F_PACKED : 0), 3, 8);
        for (uint32_t round = 0; round < 40; round++)
            expect_echo(round % 3);
        assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
        assert_false(vm.host.level[LINE]);
    }
}

static void nothing_is_used_before_driver_ok(void **state)
{
    (void)state;
    assert_true(guest_negotiate(&vm, F_VERSION_1));
    guest_set_queue(&vm, 0, 8, F_VERSION_1);
    const buffer one = { DATA, 5, true };
    guest_send(&vm, 0, &one, 1);
    loopback_settle(&device);
    uint32_t id, length;
    assert_false(driver_take(&vm.queues[0], &id, &length));
    assert_int_equal(device.starts, 0);
    guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK); /* and at once afterwards */
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[0], &id, &length));
}

static void a_line_is_up_until_all_is_acknowledged(void **state)
{
    (void)state;
    guest_start(&vm, F_VERSION_1, 1, 8);
    abx_virtio_config_changed(device.transport);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG_GENERATION), 1);
    assert_true(vm.host.level[LINE]);
    const buffer one = { DATA, 5, true };
    guest_send(&vm, 0, &one, 1);
    loopback_settle(&device);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_USED | INTERRUPT_CONFIG);
    assert_int_equal(vm.host.edges[LINE], 1);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_USED);
    assert_true(vm.host.level[LINE]);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
    guest_put(&vm, MMIO_INTERRUPT_ACK, UINT32_MAX);
    assert_false(vm.host.level[LINE]);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
}

static void configuration_space_takes_every_size(void **state)
{
    (void)state;
    for (uint32_t offset = 0; offset < 40; offset++) {
        for (uint8_t size = 1; size <= 8; size = (uint8_t)(size * 2)) {
            uint64_t expected = 0;
            for (uint32_t i = 0; i < size && offset + i < 24; i++)
                expected |= (uint64_t)(0x10 + offset + i) << 8 * i;
            assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG + offset, size), expected);
        }
    }
    guest_store(&vm.host, WINDOW + MMIO_CONFIG + 20, 8, UINT64_C(0x8877665544332211));
    assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG + 20, 8), 0x44332211);
    guest_store(&vm.host, WINDOW + MMIO_CONFIG + 3, 2, 0xabcd);
    assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG, 8), UINT64_C(0x171615abcd121110));
    guest_store(&vm.host, WINDOW + ABX_VIRTIO_MMIO_SIZE - 1, 8, 1);
    assert_int_equal(guest_load(&vm.host, WINDOW + ABX_VIRTIO_MMIO_SIZE - 1, 1), 0);
}

static void a_ready_queue_is_fixed(void **state)
{
    (void)state;
    assert_true(guest_negotiate(&vm, F_VERSION_1));
    guest_put(&vm, MMIO_QUEUE_READY, 1); /* without a size */
    assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
    guest_put(&vm, MMIO_QUEUE_NUM, LOOPBACK_SIZE + 1); /* too large */
    guest_put(&vm, MMIO_QUEUE_READY, 1);
    assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
    guest_set_queue(&vm, 0, 8, F_VERSION_1);
    for (uint64_t offset = MMIO_QUEUE_DESC_LOW; offset <= MMIO_QUEUE_DEVICE_HIGH; offset += 4)
        guest_put(&vm, offset, 0xdead);
    guest_put(&vm, MMIO_QUEUE_NUM, 3);
    guest_put(&vm, MMIO_QUEUE_READY, 1);
    guest_put(&vm, MMIO_QUEUE_SEL, LOOPBACK_QUEUES); /* one that there is not */
    guest_put(&vm, MMIO_QUEUE_NUM, 8);
    guest_put(&vm, MMIO_QUEUE_READY, 1);
    assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
    guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK);
    guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, LOOPBACK_QUEUES);
    guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, UINT32_MAX);
    assert_int_equal(device.starts, 1);
    expect_echo(0);
}

static void queues_stop_and_start_alone(void **state)
{
    (void)state;
    guest_start(&vm, COMMON, 2, 8);
    expect_echo(0);
    guest_put(&vm, MMIO_QUEUE_SEL, 0);
    guest_put(&vm, MMIO_QUEUE_READY, 0);
    assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
    assert_int_equal(device.stops, 1);
    guest_put(&vm, MMIO_QUEUE_READY, 0); /* again: nothing */
    assert_int_equal(device.stops, 1);
    expect_echo(1);
    guest_set_queue(&vm, 0, 16, COMMON);
    expect_echo(0);
    expect_echo(1);
}

static void a_broken_queue_needs_a_reset(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        guest_start(&vm, F_VERSION_1 | (round & 1 ? F_PACKED : 0), 2, 8);
        guest_send(&vm, 1, &(buffer){ 0, 16, true }, 1);
        await_level(&vm.host, LINE, true);
        loopback_settle(&device);
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
        assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
        assert_int_equal(vm.host.told, round + 1);
        assert_int_equal(vm.host.event, ABX_EVENT_DEVICE_NEEDS_RESET);
        assert_int_equal(vm.host.event_code, ABX_VIRTQUEUE_BAD_ADDRESS);
        assert_string_equal(vm.host.text, "loopback: a buffer is not in RAM");
        guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
        guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, 1); /* told of once */
        loopback_settle(&device);
        assert_int_equal(vm.host.told, round + 1);
        assert_false(vm.host.level[LINE]);
        expect_echo(0); /* the other one goes on */
    }
    guest_start(&vm, COMMON, 2, 8);
    expect_echo(1);
}

static void a_misaligned_queue_never_starts(void **state)
{
    (void)state;
    assert_true(guest_negotiate(&vm, F_VERSION_1));
    guest_put(&vm, MMIO_QUEUE_SEL, 0);
    guest_put(&vm, MMIO_QUEUE_NUM, 7); /* and no power of two */
    guest_put(&vm, MMIO_QUEUE_READY, 1);
    guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    assert_int_equal(vm.host.event_code, ABX_VIRTQUEUE_BAD_SIZE);
    assert_int_equal(device.starts, 0);
}

/* A reset after each step of a driver's life leaves the device as it was made. */
static void a_reset_in_every_state(void **state)
{
    (void)state;
    for (unsigned step = 0; step < 12; step++) {
        if (step > 0)
            guest_put(&vm, MMIO_STATUS, STATUS_ACKNOWLEDGE);
        if (step > 1)
            guest_put(&vm, MMIO_STATUS, STATUS_DRIVER);
        if (step > 2)
            guest_negotiate(&vm, F_VERSION_1);
        if (step == 4)
            guest_put(&vm, MMIO_STATUS, STATUS_FAILED);
        if (step > 4)
            guest_set_queue(&vm, 0, 8, F_VERSION_1);
        if (step > 5)
            guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK);
        device.keeps = step == 7;
        if (step > 6)
            guest_send(&vm, 0, &(buffer){ DATA, 16, true }, 1);
        if (step > 7)
            loopback_settle(&device); /* the line is up */
        if (step == 9)
            abx_virtio_config_changed(device.transport);
        if (step == 10)
            guest_send(&vm, 0, &(buffer){ 0, 16, true }, 1);
        if (step == 11)
            guest_put(&vm, MMIO_QUEUE_READY, 0);
        guest_put(&vm, MMIO_STATUS, 0);
        device.keeps = false;
        device.kept_count = 0;
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 0);
        assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
        assert_false(vm.host.level[LINE]);
        assert_int_equal(device.starts, device.stops);
        for (uint32_t i = 0; i < LOOPBACK_QUEUES; i++) {
            guest_put(&vm, MMIO_QUEUE_SEL, i);
            assert_int_equal(guest_get(&vm, MMIO_QUEUE_READY), 0);
        }
        guest_put(&vm, MMIO_STATUS, STATUS_DRIVER_OK); /* nothing was negotiated */
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 0);
        guest_start(&vm, COMMON, 1, 8);
        expect_echo(0);
    }
}

static void what_was_in_flight_at_a_reset_is_dropped(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        uint64_t features = F_VERSION_1 | (kind ? F_PACKED : 0);
        guest_start(&vm, features, 1, 8);
        device.keeps = true;
        for (unsigned i = 0; i < 3; i++)
            guest_send(&vm, 0, &(buffer){ DATA, 16, true }, 1);
        loopback_settle(&device);
        assert_int_equal(device.kept_count, 3);
        guest_start(&vm, features, 1, 8);
        loopback_give_back(&device);
        uint32_t id, length;
        assert_false(driver_take(&vm.queues[0], &id, &length));
        assert_false(vm.host.level[LINE]);
        device.keeps = false;
        expect_echo(0);
        assert_false(driver_take(&vm.queues[0], &id, &length));
    }
}

/* Resets by the hundred while the device works: the guest's memory is its own once the register was written. */
static void resets_while_the_device_works(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        uint64_t features = F_VERSION_1 | (round & 1 ? F_PACKED : 0) | (round & 2 ? F_EVENTS : 0);
        guest_start(&vm, features, 2, 8);
        for (unsigned i = 0; i < 4; i++) {
            const buffer buffers[] = { { DATA, 4096, false }, { DATA + 0x4000, 4096, true } };
            guest_send(&vm, i % 2, buffers, 2);
        }
        if (round % 4 == 3) {
            guest_put(&vm, MMIO_QUEUE_SEL, 0);
            guest_put(&vm, MMIO_QUEUE_READY, 0);
        }
        guest_put(&vm, MMIO_STATUS, 0);
        memset(guest_at(&vm, DATA + 0x4000), 0x5a, 4096);
        assert_false(vm.host.level[LINE]);
        assert_int_equal(*guest_at(&vm, DATA + 0x4fff), 0x5a);
    }
    guest_start(&vm, COMMON, 2, 8);
    expect_echo(1);
    assert_int_equal(vm.host.told, 0);
}

/* Random writes of any size to any register. */
static void nothing_anywhere_does_harm(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 200000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        uint64_t offset = (seed >> 20) % (seed >> 60 ? 0x110 : ABX_VIRTIO_MMIO_SIZE);
        uint8_t size = (uint8_t)(1u << (seed >> 40) % 4);
        uint64_t value = (seed >> 44) % 3 ? (seed >> 30) % 16 : RINGS + (seed >> 50);
        if ((seed >> 47) % 2 && (seed >> 50) % 4)
            size = 4, offset &= ~UINT64_C(3);
        guest_store(&vm.host, WINDOW + offset, size, value);
        guest_load(&vm.host, WINDOW + offset, size);
    }
    guest_start(&vm, COMMON, 3, 8);
    expect_echo(2);
}

static void an_eventfd_takes_the_place_of_the_line(void **state)
{
    (void)state;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(fd >= 0);
    guest_begin(&vm);
    loopback_new(&device, &vm, fd);
    guest_start(&vm, F_VERSION_1, 1, 8);
    guest_send(&vm, 0, &(buffer){ DATA, 16, true }, 1);
    loopback_settle(&device);
    uint64_t count;
    assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_USED);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_USED);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
    assert_int_equal(vm.host.edges[LINE], 0);
    assert_int_equal(read(fd, &count, sizeof(count)), -1);
    guest_end(&vm);
    close(fd);
}

/* The backend binds a descriptor of the device's to the line, for as long as there is the device. */
static void a_backend_may_bind_the_line(void **state)
{
    (void)state;
    fake_log_reset();
    guest_begin(&vm);
    vm.host.irqfd = true;
    loopback_new(&device, &vm, -1);
    assert_non_null(strstr(fake_log_text(), "irqfd_attach"));
    assert_int_equal(fake_manual_arguments.number, LINE);
    guest_start(&vm, F_VERSION_1, 1, 8);
    guest_send(&vm, 0, &(buffer){ DATA, 16, true }, 1);
    loopback_settle(&device);
    uint64_t count;
    assert_int_equal(read(device.transport->interrupt.bound.fd, &count, sizeof(count)), sizeof(count));
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_USED);
    assert_int_equal(vm.host.edges[LINE], 0);
    guest_end(&vm);
    assert_non_null(strstr(fake_log_text(), "irqfd_detach"));
}

static void a_binding_that_fails_is_told(void **state)
{
    (void)state;
    abx_virtio_mmio *transport = NULL;
    abx_device_host host = device.host;
    abx_virtio_mmio_config config = device.transport->config;
    host.irqfd = true;
    config.base += 0x1000;
    fake_log_fail("irqfd_attach", ABX_ERR_LIMIT);
    assert_int_equal(abx_virtio_mmio_new(&transport, &host, &config), ABX_ERR_LIMIT);
    fake_log_fail(NULL, ABX_OK);
    assert_null(transport);
    assert_int_equal(guest_load(&vm.host, config.base, 4), 0xffffffff);
}

static void a_doorbell_is_the_backends(void **state)
{
    (void)state;
    assert_int_equal(abx_virtio_mmio_doorbell(device.transport, device.worker.bell.fd), ABX_OK);
    guest_start(&vm, COMMON, 1, 8);
    /* The fake backend does not write it. */
    const buffer one = { DATA, 5, true };
    assert_true(driver_add(&vm.queues[0], &one, 1, 0) >= 0);
    abx_wakeup_raise(&device.worker.bell);
    guest_await_interrupt(&vm);
}

static void two_devices_do_not_share_a_place(void **state)
{
    (void)state;
    const abx_device_host host = guest_interface(&vm);
    abx_virtio_mmio_config config = device.transport->config;
    abx_virtio_mmio *other = NULL;
    unsigned resets = device.resets;
    assert_int_equal(abx_virtio_mmio_new(&other, &host, &config), ABX_ERR_EXISTS);
    assert_null(other);
    device.resets = resets;
    abx_virtio_mmio_free(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_after_creation),
        TEST(registers_have_one_size),
        TEST(features_that_are_accepted),
        TEST(status_bits_are_only_added),
        TEST(requests_of_every_kind_of_queue),
        TEST(nothing_is_used_before_driver_ok),
        TEST(a_line_is_up_until_all_is_acknowledged),
        TEST(configuration_space_takes_every_size),
        TEST(a_ready_queue_is_fixed),
        TEST(queues_stop_and_start_alone),
        TEST(a_broken_queue_needs_a_reset),
        TEST(a_misaligned_queue_never_starts),
        TEST(a_reset_in_every_state),
        TEST(what_was_in_flight_at_a_reset_is_dropped),
        TEST(resets_while_the_device_works),
        TEST(nothing_anywhere_does_harm),
        cmocka_unit_test(an_eventfd_takes_the_place_of_the_line),
        cmocka_unit_test(a_backend_may_bind_the_line),
        TEST(a_binding_that_fails_is_told),
        TEST(a_doorbell_is_the_backends),
        TEST(two_devices_do_not_share_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
