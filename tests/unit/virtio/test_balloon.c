/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"

#include "boot/bytes.h"
#include "virtio/balloon.h"
#include "virtio/balloon_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    NUMBERS = DATA,          /* where the guest has its lists */
    ANSWER = DATA + 0x20000, /* … and its statistics */
    PAGES = DATA + 0x40000,  /* memory that it gives */
    GIVEN = PAGES / 4096,    /* its first page's number */
    SPACE_NUM = MMIO_CONFIG,
    SPACE_ACTUAL = MMIO_CONFIG + 4,
    SPACE_POISON = MMIO_CONFIG + 12,
};

static const uint64_t ALL = RAM_SIZE + SECOND_SIZE;
static const uint64_t USUAL =
    F_VERSION_1 | BALLOON_F_STATS_VQ | BALLOON_F_DEFLATE_ON_OOM | BALLOON_F_FREE_PAGE_HINT | BALLOON_F_REPORTING;
static guest vm;

static void begin_with(const abx_balloon_config *config)
{
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    assert_int_equal(abx_virtio_balloon_new(&vm.host.device, &host, WINDOW, LINE, config), ABX_OK);
    vm.host.device.ops->resume(vm.host.device.object);
    memset(guest_at(&vm, DATA), 1, 0x100000);
}

static int begin(void **state)
{
    (void)state;
    begin_with(&(abx_balloon_config){ 0 });
    return 0;
}

static int end(void **state)
{
    (void)state;
    guest_end(&vm);
    return 0;
}

static void *device(void)
{
    return vm.host.device.object;
}

static abx_balloon_info look(void)
{
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    abx_virtio_balloon_get_info(device(), &info);
    return info;
}

static bool is_there(abx_gpa gpa)
{
    unsigned char there;
    assert_int_equal(mincore(guest_at(&vm, gpa), 4096, &there), 0);
    return there & 1;
}

/* Five queues, as Linux has them. */
static void start(uint64_t features)
{
    assert_true(guest_negotiate(&vm, features));
    for (uint32_t i = 0; i < BALLOON_QUEUES; i++)
        guest_set_queue(&vm, i, 8, features);
    guest_put(&vm, MMIO_STATUS, 15);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15);
}

/* A list of `count` pages from `first` on; the length that the device says. */
static uint32_t give(uint32_t queue, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        abx_put_le32(guest_at(&vm, NUMBERS) + 4 * (size_t)i, first + i);
    return guest_request(&vm, queue, &(buffer){ NUMBERS, 4 * count, false }, 1);
}

static void await_told(unsigned count)
{
    pthread_mutex_lock(&vm.host.lock);
    while (vm.host.told < count)
        pthread_cond_wait(&vm.host.changed, &vm.host.lock);
    pthread_mutex_unlock(&vm.host.lock);
}

static void it_is_a_balloon(void **state)
{
    (void)state;
    assert_int_equal(guest_get(&vm, MMIO_DEVICE_ID), 5);
    assert_int_equal(guest_offered(&vm) & 0x3f, 0x3e); /* all but MUST_TELL_HOST */
    assert_int_equal(guest_get(&vm, SPACE_NUM), 0);
    assert_int_equal(guest_get(&vm, SPACE_ACTUAL), 0);
    for (uint32_t i = 0; i <= BALLOON_QUEUES; i++) {
        guest_put(&vm, MMIO_QUEUE_SEL, i);
        assert_int_equal(guest_get(&vm, MMIO_QUEUE_NUM_MAX) > 0, i < BALLOON_QUEUES);
    }
    abx_balloon_info info = look();
    assert_int_equal(info.target, ALL);
    assert_int_equal(info.actual, ALL);
    assert_false(info.actual_known);
    assert_int_equal(info.known, 0);
    assert_int_equal(info.discarded, 0);
}

static void features_follow_the_configuration(void **state)
{
    (void)state;
    begin_with(&(abx_balloon_config){
        .free_page_reporting = ABX_NO, .deflate_on_oom = ABX_NO, .target = ALL / 2, .minimum = ALL / 4 });
    assert_int_equal(guest_offered(&vm) & 0x3f, BALLOON_F_STATS_VQ | BALLOON_F_FREE_PAGE_HINT);
    assert_int_equal(guest_get(&vm, SPACE_NUM), ALL / 2 / 4096);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL / 4 - 1), ABX_ERR_LIMIT);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL + 1), ABX_ERR_LIMIT);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL / 4), ABX_OK);
    assert_int_equal(look().target, ALL / 4);
    guest_end(&vm);
}

static void pages_go_and_come(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        start(USUAL | (kind & 1 ? F_PACKED : 0) | (kind & 2 ? F_EVENTS : 0));
        memset(guest_at(&vm, PAGES), 1, 64 * 4096);
        uint64_t before = look().discarded;
        assert_int_equal(give(BALLOON_INFLATE, GIVEN, 64), 0);
        for (uint32_t i = 0; i < 64; i++)
            assert_false(is_there(PAGES + 4096 * i));
        assert_true(is_there(PAGES + 64 * 4096));
        assert_int_equal(look().discarded - before, 64 * 4096);
        assert_int_equal(give(BALLOON_DEFLATE, GIVEN, 64), 0);
        assert_int_equal(*guest_at(&vm, PAGES), 0);
    }
}

/* In any order and cut anywhere, with neighbours that are none. */
static void lists_may_look_like_anything(void **state)
{
    (void)state;
    start(USUAL);
    static const uint32_t numbers[] = { GIVEN + 9, GIVEN + 1, 0, 0xffffffff, GIVEN + 8, GIVEN + 1, ROM / 4096, GIVEN };
    for (size_t i = 0; i < 8; i++)
        abx_put_le32(guest_at(&vm, NUMBERS) + 4 * i, numbers[i]);
    *guest_at(&vm, NUMBERS + 32) = 7; /* and a piece of a ninth */
    const buffer cut[] = { { NUMBERS, 6, false }, { NUMBERS + 6, 1, false }, { NUMBERS + 7, 26, false } };
    assert_int_equal(guest_request(&vm, BALLOON_INFLATE, cut, 3), 0);
    assert_int_equal(look().discarded, 4 * 4096);
    assert_false(is_there(PAGES) || is_there(PAGES + 4096) || is_there(PAGES + 8 * 4096) || is_there(PAGES + 9 * 4096));
    assert_true(is_there(PAGES + 2 * 4096) && is_there(PAGES + 7 * 4096));
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15);
}

static void an_endless_list_is_refused(void **state)
{
    (void)state;
    start(USUAL);
    guest_send(&vm, BALLOON_INFLATE, &(buffer){ NUMBERS, 0x80000, false }, 1);
    await_level(&vm.host, LINE, true);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    start(USUAL);
    assert_int_equal(give(BALLOON_INFLATE, GIVEN, 1), 0);
}

static void the_driver_hears_of_a_target(void **state)
{
    (void)state;
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL - 0x1000), ABX_OK);
    assert_false(vm.host.level[LINE]); /* nobody is there yet */
    start(USUAL);
    assert_int_equal(guest_get(&vm, SPACE_NUM), 1);
    uint32_t generation = guest_get(&vm, MMIO_CONFIG_GENERATION);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL - 0x101000 + 1), ABX_OK);
    await_level(&vm.host, LINE, true);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    assert_int_equal(guest_get(&vm, SPACE_NUM), 0x100); /* rounded in the guest's favour */
    assert_int_not_equal(guest_get(&vm, MMIO_CONFIG_GENERATION), generation);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL - 0x100000), ABX_OK); /* what it is */
    assert_false(vm.host.level[LINE]);
}

/* The machine hears of what the guest did: of steps, and of the goal. */
static void the_guest_says_what_it_keeps(void **state)
{
    (void)state;
    start(USUAL);
    assert_int_equal(abx_virtio_balloon_set_target(device(), ALL - 0x100000), ABX_OK);
    for (uint32_t i = 1; i <= 0x100; i++)
        guest_put(&vm, SPACE_ACTUAL, i);
    assert_int_equal(vm.host.event, ABX_EVENT_BALLOON);
    assert_int_equal(vm.host.event_code, ALL - 0x100000);
    assert_in_range(vm.host.told, 2, 33);
    assert_int_equal(look().actual, ALL - 0x100000);
    assert_true(look().actual_known);
    guest_put(&vm, SPACE_ACTUAL, 0xffffffff); /* nonsense is less than nothing, which is nothing */
    assert_int_equal(look().actual, 0);
    guest_put(&vm, SPACE_NUM, 77); /* not the guest's */
    assert_int_equal(guest_get(&vm, SPACE_NUM), 0x100);
    guest_store(&vm.host, WINDOW + SPACE_ACTUAL, 1, 2); /* a byte at a time, as old drivers do */
    assert_int_equal(guest_get(&vm, SPACE_ACTUAL), 0xffffff02);
    unsigned told = vm.host.told;
    guest_put(&vm, MMIO_STATUS, 0);
    assert_int_equal(vm.host.told, told + 1);
    assert_int_equal(vm.host.event_code, ALL);
    assert_int_equal(look().target, ALL - 0x100000);
    assert_false(look().actual_known);
}

static void put_statistic(uint32_t index, uint16_t tag, uint64_t value)
{
    uint8_t *at = guest_at(&vm, ANSWER) + 10 * (size_t)index;
    abx_put_le16(at, tag);
    abx_put_le64(at + 2, value);
}

static void nothing(void *argument)
{
    (void)argument;
}

/* The device has the driver's first buffer, which would answer by itself otherwise. */
static void await_first_statistics(void)
{
    while (look().statistics_ns == 0)
        abx_loop_call(vm.host.loop, nothing, NULL);
}

static void statistics_come_when_asked_for(void **state)
{
    (void)state;
    uint32_t id, length;
    assert_int_equal(abx_virtio_balloon_ask(device()), ABX_ERR_STATE);
    start(USUAL);
    driver_all_interrupts(&vm.queues[BALLOON_STATISTICS]);
    put_statistic(0, 4, 1000);
    guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 10, false }, 1);
    await_first_statistics();
    assert_int_equal(look().known, 1u << ABX_BALLOON_FREE);
    assert_int_equal(look().statistics[ABX_BALLOON_FREE], 1000);
    assert_int_equal(vm.host.told, 0); /* nobody has asked */
    for (int round = 0; round < 3; round++) {
        unsigned told = vm.host.told;
        assert_int_equal(abx_virtio_balloon_ask(device()), ABX_OK);
        guest_await_interrupt(&vm);
        assert_true(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
        assert_int_equal(length, 0);
        assert_false(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
        put_statistic(0, 5, 2000 + (uint64_t)round);
        put_statistic(1, 0xbeef, 1); /* not known: left out */
        put_statistic(2, ABX_BALLOON_AVAILABLE, UINT64_MAX);
        guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 35, false }, 1);
        await_told(told + 1);
        assert_string_equal(vm.host.text, "statistics");
        abx_balloon_info info = look();
        assert_int_equal(info.known, 1u << ABX_BALLOON_TOTAL | 1u << ABX_BALLOON_AVAILABLE);
        assert_int_equal(info.statistics[ABX_BALLOON_TOTAL], 2000 + (uint64_t)round);
        assert_int_equal(info.statistics[ABX_BALLOON_AVAILABLE], UINT64_MAX);
        assert_int_equal(info.statistics[ABX_BALLOON_FREE], 0);
        assert_true(info.statistics_ns > 0);
    }
    guest_put(&vm, MMIO_STATUS, 0);
    assert_int_equal(look().known, 0);
    assert_int_equal(abx_virtio_balloon_ask(device()), ABX_ERR_STATE);
    start(F_VERSION_1);
    assert_int_equal(abx_virtio_balloon_ask(device()), ABX_ERR_STATE);
}

/* A driver that has two buffers there gets one of them back. */
static void a_second_buffer_of_statistics_comes_back(void **state)
{
    (void)state;
    uint32_t id, length;
    start(USUAL);
    driver_no_interrupts(&vm.queues[BALLOON_STATISTICS]);
    guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 10, false }, 1);
    driver_all_interrupts(&vm.queues[BALLOON_STATISTICS]);
    guest_send(&vm, BALLOON_STATISTICS, &(buffer){ ANSWER, 10, false }, 1);
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
    assert_false(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
    assert_int_equal(abx_virtio_balloon_ask(device()), ABX_OK);
    guest_await_interrupt(&vm);
    assert_true(driver_take(&vm.queues[BALLOON_STATISTICS], &id, &length));
}

static void what_is_reported_goes(void **state)
{
    (void)state;
    start(USUAL);
    const buffer pages[] = { { PAGES, 0x10000, true },
                             { PAGES + 0x10000, 0x8000, true },
                             { PAGES + 0x20000, 8, true } };
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, pages, 3), 0);
    assert_int_equal(look().discarded, 0x18000);
    assert_false(is_there(PAGES) || is_there(PAGES + 0x17000));
    assert_true(is_there(PAGES + 0x18000) && is_there(PAGES + 0x20000));
    /* Readable buffers are no reports, and hints nobody asked for are none either. */
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, &(buffer){ PAGES + 0x40000, 0x1000, false }, 1), 0);
    assert_int_equal(guest_request(&vm, BALLOON_HINT, &(buffer){ PAGES + 0x40000, 0x1000, true }, 1), 0);
    assert_int_equal(look().discarded, 0x18000);
    assert_true(is_there(PAGES + 0x40000));
}

/* What the guest reports counts before it is cut to pages, and whether it goes or not. */
static void reports_count_as_they_come(void **state)
{
    (void)state;
    start(USUAL);
    assert_int_equal(look().reported, 0);
    assert_int_equal(look().reported_ns, 0);
    const buffer ragged[] = { { PAGES + 100, 0x2000, true }, { PAGES + 0x20000, 8, true } };
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, ragged, 2), 0);
    abx_balloon_info info = look();
    assert_int_equal(info.reported, 0x2008);
    assert_int_equal(info.discarded, 0x1000);
    assert_true(info.reported_ns > 0);
    start(USUAL);
    assert_int_equal(give(BALLOON_INFLATE, GIVEN, 64), 0); /* no report */
    assert_int_equal(look().reported, 0x2008);
    assert_int_equal(look().reported_ns, info.reported_ns);
    assert_int_equal(look().discard_failures, 0);
}

static void what_the_host_refuses_is_counted(void **state)
{
    (void)state;
    start(USUAL);
    assert_int_equal(abx_memory_remove(vm.vm, SECOND), ABX_OK);
    assert_int_equal(give(BALLOON_INFLATE, SECOND / 4096, 1), 0);
    assert_int_equal(look().discard_failures, 1);
    assert_int_equal(look().discarded, 0);
}

static void poisoned_pages_keep_their_poison(void **state)
{
    (void)state;
    const buffer page = { PAGES, 0x1000, true };
    assert_true(guest_negotiate(&vm, USUAL | BALLOON_F_PAGE_POISON));
    guest_put(&vm, SPACE_POISON, 0xaaaaaaaa);
    for (uint32_t i = 0; i < BALLOON_QUEUES; i++)
        guest_set_queue(&vm, i, 8, USUAL);
    guest_put(&vm, MMIO_STATUS, 15);
    assert_int_equal(guest_get(&vm, SPACE_POISON), 0xaaaaaaaa);
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, &page, 1), 0);
    assert_int_equal(look().discarded, 0);
    assert_int_equal(look().reported, 0x1000);
    assert_int_equal(*guest_at(&vm, PAGES), 1);
    /* With zeros, which discarded pages have, it may go; and without the feature the value says nothing. */
    start(USUAL | BALLOON_F_PAGE_POISON);
    assert_int_equal(guest_get(&vm, SPACE_POISON), 0);
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, &page, 1), 0);
    assert_int_equal(look().discarded, 0x1000);
    start(USUAL);
    guest_put(&vm, SPACE_POISON, 0xaaaaaaaa);
    assert_int_equal(guest_request(&vm, BALLOON_REPORT, &(buffer){ PAGES + 0x1000, 0x1000, true }, 1), 0);
    assert_int_equal(look().discarded, 0x2000);
}

static void a_report_of_what_is_no_ram_breaks_the_queue(void **state)
{
    (void)state;
    start(USUAL);
    guest_send(&vm, BALLOON_REPORT, &(buffer){ ROM, 0x1000, true }, 1);
    await_level(&vm.host, LINE, true);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    assert_int_equal(look().discarded, 0);
}

static void nothing_goes_while_it_is_paused(void **state)
{
    (void)state;
    uint32_t id, length;
    start(USUAL);
    vm.host.device.ops->pause(device());
    guest_send(&vm, BALLOON_REPORT, &(buffer){ PAGES, 0x1000, true }, 1);
    assert_false(driver_take(&vm.queues[BALLOON_REPORT], &id, &length));
    assert_true(is_there(PAGES));
    driver_all_interrupts(&vm.queues[BALLOON_REPORT]);
    vm.host.device.ops->resume(device());
    guest_await_interrupt(&vm);
    assert_false(is_there(PAGES));
}

/* Numbers of pages, statistics, ranges and settings by chance; what the host gives back is never more than there is. */
static void anything_at_all_does_no_harm(void **state)
{
    (void)state;
    unsigned seed = 20;
    for (unsigned round = 0; round < 20; round++) {
        start(USUAL | (round & 1 ? F_PACKED : 0) | (round & 2 ? BALLOON_F_PAGE_POISON : 0));
        for (uint32_t i = 0; i < BALLOON_QUEUES; i++)
            driver_no_interrupts(&vm.queues[i]);
        for (unsigned i = 0; i < 200; i++) {
            uint32_t queue = (uint32_t)rand_r(&seed) % BALLOON_QUEUES, id, length;
            abx_gpa list = NUMBERS + (abx_gpa)i * 1024; /* those that are on their way stay as they are */
            for (uint32_t word = 0; word < 256; word++) {
                /* The rings stay as they are: a guest may take them away, but then it hears nothing more. */
                uint32_t number = (uint32_t)rand_r(&seed) * 2;
                bool near = rand_r(&seed) % 2;
                abx_put_le32(guest_at(&vm, list) + 4 * (size_t)word, near ? GIVEN + number % 64 : number | 0x80000000);
            }
            bool report = queue == BALLOON_REPORT || queue == BALLOON_HINT;
            const buffer some = { report ? PAGES + (abx_gpa)(rand_r(&seed) % 0x20000) : list,
                                  1 + (uint32_t)rand_r(&seed) % (report ? 0x20000 : 1024), report };
            if (driver_add(&vm.queues[queue], &some, 1, 0) >= 0)
                guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, queue);
            while (driver_take(&vm.queues[queue], &id, &length))
                assert_int_equal(length, 0);
            guest_store(&vm.host, WINDOW + MMIO_CONFIG + (uint64_t)rand_r(&seed) % 20, 1, (uint8_t)rand_r(&seed));
            if (rand_r(&seed) % 8 == 0)
                assert_int_equal(abx_virtio_balloon_ask(device()), ABX_OK);
            assert_true(look().actual <= ALL);
        }
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 15);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_a_balloon),
        cmocka_unit_test(features_follow_the_configuration),
        TEST(pages_go_and_come),
        TEST(lists_may_look_like_anything),
        TEST(an_endless_list_is_refused),
        TEST(the_driver_hears_of_a_target),
        TEST(the_guest_says_what_it_keeps),
        TEST(statistics_come_when_asked_for),
        TEST(a_second_buffer_of_statistics_comes_back),
        TEST(what_is_reported_goes),
        TEST(reports_count_as_they_come),
        TEST(what_the_host_refuses_is_counted),
        TEST(poisoned_pages_keep_their_poison),
        TEST(a_report_of_what_is_no_ram_breaks_the_queue),
        TEST(nothing_goes_while_it_is_paused),
        TEST(anything_at_all_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
