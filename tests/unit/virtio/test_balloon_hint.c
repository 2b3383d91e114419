/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Free page hinting with drivers that do as they should, others, and hosts that think better of it. */
#include "guest.h"

#include "boot/bytes.h"
#include "virtio/balloon.h"
#include "virtio/balloon_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    COMMAND = DATA,         /* where the driver has its commands */
    PAGES = DATA + 0x40000, /* … and memory that is free */
    PAGE = 4096,
    SPACE_COMMAND = MMIO_CONFIG + 8,
    SPACE_POISON = MMIO_CONFIG + 12,
    STOP = 0,
    DONE = 1,
    MOST = 16,
};

static const uint64_t USUAL = F_VERSION_1 | BALLOON_F_STATS_VQ | BALLOON_F_FREE_PAGE_HINT | BALLOON_F_REPORTING;

/* What came of a run. */
typedef struct result {
    unsigned calls;
    abx_status status;
    abx_status record; /* of the last error */
    size_t count;
    abx_balloon_range ranges[MOST];
    uint32_t command; /* that the driver saw meanwhile */
    abx_status again; /* what a call from within gave */
} result;

static guest vm;
static result got;

static int begin(void **state)
{
    (void)state;
    got = (result){ 0 };
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    assert_int_equal(abx_virtio_balloon_new(&vm.host.device, &host, WINDOW, LINE, &(abx_balloon_config){ 0 }), ABX_OK);
    vm.host.device.ops->resume(vm.host.device.object);
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

static void ignore(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    (void)payload;
    (void)status;
    (void)ranges;
    (void)count;
}

static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    result *into = payload;
    pthread_mutex_lock(&vm.host.lock);
    into->calls++;
    into->status = status;
    into->record = status == ABX_OK ? ABX_OK : abx_last_error()->status;
    into->count = count;
    assert_true(count <= MOST);
    if (count > 0)
        memcpy(into->ranges, ranges, count * sizeof(*ranges));
    pthread_mutex_unlock(&vm.host.lock);
    uint8_t bytes[4] = { 0 };
    balloon *self = device();
    pthread_mutex_lock(&self->lock);
    abx_put_le32(bytes, self->hint.command);
    pthread_mutex_unlock(&self->lock);
    abx_status again = abx_virtio_balloon_hint(device(), ignore, NULL);
    pthread_mutex_lock(&vm.host.lock);
    into->command = abx_get_le32(bytes);
    into->again = again;
    pthread_cond_broadcast(&vm.host.changed);
    pthread_mutex_unlock(&vm.host.lock);
}

static void nothing(void *argument)
{
    (void)argument;
}

/* Whatever the loop had to do has been done. */
static void settle(void)
{
    abx_loop_call(vm.host.loop, nothing, NULL);
}

static void await_call(unsigned calls)
{
    pthread_mutex_lock(&vm.host.lock);
    while (got.calls < calls)
        pthread_cond_wait(&vm.host.changed, &vm.host.lock);
    pthread_mutex_unlock(&vm.host.lock);
    settle();
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

/* The id that the driver finds. */
static uint32_t ask(void)
{
    assert_int_equal(abx_virtio_balloon_hint(device(), hinted, &got), ABX_OK);
    await_level(&vm.host, LINE, true);
    assert_true(guest_get(&vm, MMIO_INTERRUPT_STATUS) & INTERRUPT_CONFIG);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    return guest_get(&vm, SPACE_COMMAND);
}

/* Sends a chain and takes it back. The end of a run may interrupt at the same moment. */
static void send_all(const buffer *buffers, uint32_t count)
{
    uint32_t id, length;
    guest_send(&vm, BALLOON_HINT, buffers, count);
    do {
        settle();
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 15);
    } while (!driver_take(&vm.queues[BALLOON_HINT], &id, &length));
    assert_int_equal(length, 0);
    settle();
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_USED);
}

static void send_command(uint32_t command)
{
    abx_put_le32(guest_at(&vm, COMMAND), command);
    send_all(&(buffer){ COMMAND, 4, false }, 1);
}

static void name_free(abx_gpa gpa, uint32_t length)
{
    send_all(&(buffer){ gpa, length, true }, 1);
}

static void expect(size_t index, abx_gpa gpa, uint64_t length)
{
    assert_true(index < got.count);
    assert_int_equal(got.ranges[index].gpa, gpa);
    assert_int_equal(got.ranges[index].length, length);
}

static abx_balloon_info look(void)
{
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    abx_virtio_balloon_get_info(device(), &info);
    return info;
}

static void a_driver_names_what_is_free(void **state)
{
    (void)state;
    uint32_t last = 0;
    for (unsigned kind = 0; kind < 4; kind++) {
        start(USUAL | (kind & 1 ? F_PACKED : 0) | (kind & 2 ? F_EVENTS : 0));
        memset(guest_at(&vm, PAGES), 1, 8 * PAGE);
        assert_int_equal(guest_get(&vm, SPACE_COMMAND), STOP);
        uint32_t id = ask();
        assert_true(id > DONE && id != last);
        last = id;
        assert_int_equal(abx_virtio_balloon_hint(device(), hinted, &got), ABX_ERR_BUSY);
        send_command(id);
        name_free(PAGES + 4 * PAGE, 2 * PAGE);
        name_free(PAGES, PAGE);
        assert_int_equal(got.calls, kind);
        send_command(STOP);
        await_call(kind + 1);
        assert_int_equal(got.status, ABX_OK);
        assert_int_equal(got.count, 2);
        expect(0, PAGES, PAGE);
        expect(1, PAGES + 4 * PAGE, 2 * PAGE);
        /* The pages are the driver's until it has been told of all; and there is one run at a time. */
        assert_int_equal(got.command, id);
        assert_int_equal(got.again, ABX_ERR_BUSY);
        assert_int_equal(guest_get(&vm, SPACE_COMMAND), DONE);
        assert_true(guest_get(&vm, MMIO_INTERRUPT_STATUS) & INTERRUPT_CONFIG);
        guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
        assert_int_equal(*guest_at(&vm, PAGES), 1); /* what is named stays as it is */
        assert_int_equal(look().discarded, 0);
        assert_int_equal(look().hint_runs, kind + 1);
        assert_int_equal(look().hinted, (kind + 1) * 3 * PAGE);
        assert_int_equal(vm.host.event, ABX_EVENT_BALLOON);
        assert_string_equal(vm.host.text, "hints");
    }
}

static void only_a_driver_that_can_is_asked(void **state)
{
    (void)state;
    assert_int_equal(abx_virtio_balloon_hint(device(), hinted, &got), ABX_ERR_STATE);
    start(F_VERSION_1 | BALLOON_F_STATS_VQ);
    assert_int_equal(abx_virtio_balloon_hint(device(), hinted, &got), ABX_ERR_STATE);
    assert_int_equal(abx_virtio_balloon_cancel_hint(device()), ABX_ERR_STATE);
    assert_int_equal(got.calls, 0);
}

/* Before the id, after a wrong one, and after the end. */
static void what_answers_nothing_counts_for_nothing(void **state)
{
    (void)state;
    start(USUAL);
    name_free(PAGES, PAGE);
    send_command(7);
    send_command(STOP);
    uint32_t id = ask();
    name_free(PAGES, PAGE);
    send_command(STOP); /* an old run's */
    send_command(id + 1);
    name_free(PAGES, PAGE);
    send_command(STOP);
    send_command(DONE);
    name_free(PAGES, PAGE);
    send_all(&(buffer){ COMMAND, 3, false }, 1);
    settle();
    assert_int_equal(got.calls, 0);
    send_command(id);
    name_free(PAGES + PAGE, PAGE);
    send_command(id - 1);
    name_free(PAGES, PAGE);
    send_command(id); /* again: it goes on */
    name_free(PAGES + 3 * PAGE, PAGE);
    send_command(STOP);
    await_call(1);
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    name_free(PAGES, PAGE);
    send_command(STOP);
    settle();
    assert_int_equal(got.calls, 1);
    assert_int_equal(got.count, 2);
    expect(0, PAGES + PAGE, PAGE);
    expect(1, PAGES + 3 * PAGE, PAGE);
}

/* Cut anywhere, and with what it names in the same chain. */
static void a_command_may_look_like_anything(void **state)
{
    (void)state;
    start(USUAL);
    abx_put_le32(guest_at(&vm, COMMAND), ask());
    const buffer all[] = {
        { COMMAND, 1, false }, { COMMAND + 1, 3, false }, { PAGES, PAGE, true }, { PAGES + PAGE, PAGE, true }
    };
    send_all(all, 4);
    send_command(STOP);
    await_call(1);
    assert_int_equal(got.count, 1);
    expect(0, PAGES, 2 * PAGE);
}

static void what_is_no_memory_breaks_the_queue(void **state)
{
    (void)state;
    start(USUAL);
    uint32_t id = ask();
    send_command(id);
    name_free(ROM, PAGE); /* is memory, but never free */
    guest_send(&vm, BALLOON_HINT, &(buffer){ 0x40000000, PAGE, true }, 1);
    await_level(&vm.host, LINE, true);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    settle();
    assert_int_equal(got.calls, 0);
    start(USUAL); /* the reset ends it */
    await_call(1);
    assert_int_equal(got.status, ABX_ERR_LOST);
    assert_int_equal(got.record, ABX_ERR_LOST);
    assert_int_equal(got.count, 0);
    assert_true(ask() > id);
    assert_int_equal(abx_virtio_balloon_cancel_hint(device()), ABX_OK);
}

static void a_reset_ends_a_run(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        start(USUAL);
        uint32_t id = ask();
        if (round > 0)
            send_command(id);
        if (round > 1)
            name_free(PAGES, PAGE);
        guest_put(&vm, MMIO_STATUS, 0);
        await_call(round + 1);
        assert_int_equal(got.status, ABX_ERR_LOST);
        assert_int_equal(guest_get(&vm, SPACE_COMMAND), STOP); /* nothing for the next driver */
        assert_int_equal(abx_virtio_balloon_hint(device(), hinted, &got), ABX_ERR_STATE);
        assert_int_equal(look().hint_runs, 0);
    }
}

static void a_run_can_be_cancelled(void **state)
{
    (void)state;
    start(USUAL);
    uint32_t id = ask();
    assert_int_equal(abx_virtio_balloon_cancel_hint(device()), ABX_OK);
    assert_int_equal(got.calls, 1);
    assert_int_equal(got.status, ABX_ERR_STATE);
    assert_int_equal(got.record, ABX_ERR_STATE);
    assert_int_equal(guest_get(&vm, SPACE_COMMAND), DONE);
    assert_int_equal(abx_virtio_balloon_cancel_hint(device()), ABX_ERR_STATE);
    /* What the driver says of it is nothing to the run that comes then. */
    guest_put(&vm, MMIO_INTERRUPT_ACK, INTERRUPT_CONFIG);
    uint32_t next = ask();
    assert_int_not_equal(next, id);
    send_command(id);
    name_free(PAGES, PAGE);
    send_command(STOP);
    settle();
    assert_int_equal(got.calls, 1);
    send_command(next);
    send_command(STOP);
    await_call(2);
    assert_int_equal(got.status, ABX_OK);
    assert_int_equal(got.count, 0);
}

/* The end of the machine is the end of a run, and so it is for one whose outcome was not told yet. */
static void the_end_is_told(void **state)
{
    (void)state;
    start(USUAL);
    send_command(ask());
    end(NULL);
    assert_int_equal(got.calls, 1);
    assert_int_equal(got.status, ABX_ERR_LOST);
    begin(NULL);
}

static void poisoned_pages_are_not_free(void **state)
{
    (void)state;
    start(USUAL | BALLOON_F_PAGE_POISON);
    guest_put(&vm, SPACE_POISON, 0xaa);
    send_command(ask());
    name_free(PAGES, PAGE);
    send_command(STOP);
    await_call(1);
    assert_int_equal(got.status, ABX_OK);
    assert_int_equal(got.count, 0);
}

static void nothing_comes_while_it_is_paused(void **state)
{
    (void)state;
    start(USUAL);
    uint32_t id = ask();
    vm.host.device.ops->pause(device());
    abx_put_le32(guest_at(&vm, COMMAND), id);
    guest_send(&vm, BALLOON_HINT, &(buffer){ COMMAND, 4, false }, 1);
    abx_put_le32(guest_at(&vm, COMMAND + 4), STOP);
    guest_send(&vm, BALLOON_HINT, &(buffer){ COMMAND + 4, 4, false }, 1);
    settle();
    assert_int_equal(got.calls, 0);
    vm.host.device.ops->resume(device());
    await_call(1);
    assert_int_equal(got.status, ABX_OK);
}

/* Commands, ids, memory, resets, hosts: by chance. Every run is told of once. */
static void anything_at_all_does_no_harm(void **state)
{
    (void)state;
    unsigned seed = 8, runs = 0;
    for (unsigned round = 0; round < 40; round++) {
        start(USUAL | (round & 1 ? F_PACKED : 0) | (round & 2 ? F_EVENTS : 0));
        for (unsigned i = 0; i < 60; i++) {
            uint32_t id = guest_get(&vm, SPACE_COMMAND), from = (uint32_t)rand_r(&seed) % 8;
            switch (rand_r(&seed) % 6) {
            case 0:
            case 1:
                abx_put_le32(guest_at(&vm, COMMAND), rand_r(&seed) % 2 ? id : (uint32_t)rand_r(&seed) % 2 * 99);
                send_all(&(buffer){ COMMAND, 4, false }, 1);
                break;
            case 2:
                runs += abx_virtio_balloon_hint(device(), hinted, &got) == ABX_OK;
                break;
            case 3:
                if (rand_r(&seed) % 4 == 0)
                    (void)abx_virtio_balloon_cancel_hint(device());
                break;
            default:
                name_free(PAGES + from * PAGE, (1 + (uint32_t)rand_r(&seed) % 6) * PAGE / 2);
            }
        }
        guest_put(&vm, MMIO_STATUS, 0);
        settle();
        settle();
        assert_int_equal(got.calls, runs);
    }
    assert_true(runs > 40);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_driver_names_what_is_free),
        TEST(only_a_driver_that_can_is_asked),
        TEST(what_answers_nothing_counts_for_nothing),
        TEST(a_command_may_look_like_anything),
        TEST(what_is_no_memory_breaks_the_queue),
        TEST(a_reset_ends_a_run),
        TEST(a_run_can_be_cancelled),
        TEST(the_end_is_told),
        TEST(poisoned_pages_are_not_free),
        TEST(nothing_comes_while_it_is_paused),
        TEST(anything_at_all_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
