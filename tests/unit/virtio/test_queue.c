/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What both kinds of queue do for a driver that keeps the rules. */
#include "driver.h"

#include "fake_manual.h"

#include <string.h>

static abx_vm *vm;
static driver guest;
static abx_virtqueue queue;
static abx_memory_guard stay;
static struct iovec pieces[ABX_VIRTQUEUE_PIECES];

/* The state of a test: which kind of queue. */
static const bool split = false, packed = true;

static int begin(void **state)
{
    (void)state;
    vm = driver_vm();
    stay = abx_memory_enter(vm);
    return 0;
}

static int end(void **state)
{
    (void)state;
    abx_virtqueue_close(&queue);
    abx_memory_leave(vm, stay);
    fake_manual_end(vm);
    return 0;
}

static void open_queue(void **state, uint32_t size, bool indirect, bool event_index)
{
    driver_init(&guest, vm, size, *(const bool *)*state, indirect, event_index);
    abx_virtqueue_open(&queue, vm, &guest.layout);
    assert_int_equal(queue.fault, ABX_VIRTQUEUE_SOUND);
}

static bool pop(abx_virtqueue_chain *chain)
{
    return abx_virtqueue_pop(&queue, chain, pieces, ABX_VIRTQUEUE_PIECES);
}

static int offer(abx_gpa gpa, uint32_t length)
{
    return driver_add(&guest, &(buffer){ gpa, length, true }, 1, 0);
}

static void expect_used(int id, uint32_t length)
{
    uint32_t used_id, used_length;
    assert_true(driver_take(&guest, &used_id, &used_length));
    assert_int_equal(used_id, id);
    assert_int_equal(used_length, length);
}

static void expect_nothing_used(void)
{
    uint32_t id, length;
    assert_false(driver_take(&guest, &id, &length));
}

static void what_is_offered_comes_out_and_goes_back(void **state)
{
    open_queue(state, 8, false, false);
    abx_virtqueue_chain chain;
    assert_false(pop(&chain));
    const buffer buffers[] = { { DATA, 16, false }, { DATA + 0x1000, 512, true }, { DATA + 0x2000, 1, true } };
    int id = driver_add(&guest, buffers, 3, 0);
    assert_true(pop(&chain));
    assert_int_equal(chain.readable_count, 1);
    assert_int_equal(chain.readable_length, 16);
    assert_ptr_equal(chain.readable[0].iov_base, driver_at(&guest, DATA));
    assert_int_equal(chain.writable_count, 2);
    assert_int_equal(chain.writable_length, 513);
    assert_ptr_equal(chain.writable[0].iov_base, driver_at(&guest, DATA + 0x1000));
    assert_int_equal(chain.writable[1].iov_len, 1);
    assert_false(pop(&chain) && chain.id);
    expect_nothing_used();
    abx_virtqueue_push(&queue, &chain, 513);
    expect_used(id, 513);
    expect_nothing_used();
}

static void the_rings_go_round(void **state)
{
    open_queue(state, 4, false, false);
    for (unsigned i = 0; i < 70000; i++) { /* past the end of 16 bits as well */
        abx_virtqueue_chain chain;
        const buffer buffers[] = { { DATA + i % 64, 1 + i % 100, i % 3 != 0 }, { DATA, 4, true } };
        uint32_t count = 1 + i % 2;
        int id = driver_add(&guest, buffers, count, 0);
        assert_true(pop(&chain));
        assert_int_equal(chain.readable_count + chain.writable_count, count);
        assert_false(pop(&chain));
        abx_virtqueue_push(&queue, &chain, chain.writable_length);
        expect_used(id, (uint32_t)chain.writable_length);
    }
    assert_int_equal(queue.fault, ABX_VIRTQUEUE_SOUND);
}

static void the_whole_queue_in_flight_returns_in_any_order(void **state)
{
    open_queue(state, 8, false, false);
    static const int order[8] = { 3, 0, 7, 1, 6, 2, 5, 4 };
    for (int round = 0; round < 5; round++) {
        abx_virtqueue_chain chains[8], none;
        int ids[8];
        for (int i = 0; i < 8; i++)
            assert_true((ids[i] = offer(DATA + (abx_gpa)i * 64, 64)) >= 0);
        assert_int_equal(offer(DATA, 1), -1);
        for (int i = 0; i < 8; i++)
            assert_true(pop(&chains[i]));
        assert_false(pop(&none));
        for (int i = 0; i < 8; i++)
            abx_virtqueue_push(&queue, &chains[order[i]], (uint64_t)order[i] + 1);
        for (int i = 0; i < 8; i++)
            expect_used(ids[order[i]], (uint32_t)order[i] + 1);
    }
    assert_int_equal(queue.in_flight, 0);
}

static void a_table_of_buffers_is_one_entry(void **state)
{
    open_queue(state, 4, true, false);
    const buffer buffers[] = {
        { DATA, 8, false }, { DATA + 8, 8, false }, { DATA + 16, 8, true }, { DATA + 32, 8, true }
    };
    abx_virtqueue_chain chains[4];
    int ids[4];
    for (abx_gpa i = 0; i < 4; i++)
        assert_true((ids[i] = driver_add(&guest, buffers, 4, DATA + 0x1000 + 0x100 * i + 1 * i)) >=
                    0); /* any alignment */
    for (int i = 0; i < 4; i++) {
        assert_true(pop(&chains[i]));
        assert_int_equal(chains[i].readable_length, 16);
        assert_int_equal(chains[i].writable_length, 16);
        assert_int_equal(chains[i].entries, 1);
    }
    for (int i = 0; i < 4; i++) {
        abx_virtqueue_push(&queue, &chains[i], 3);
        expect_used(ids[i], 3);
    }
}

static void a_buffer_across_two_regions_is_two_pieces(void **state)
{
    open_queue(state, 4, false, false);
    abx_virtqueue_chain chain;
    int id = offer(SECOND - 100, 300);
    assert_true(pop(&chain));
    assert_int_equal(chain.writable_count, 2);
    assert_int_equal(chain.writable[0].iov_len, 100);
    assert_int_equal(chain.writable[1].iov_len, 200);
    assert_int_equal(chain.writable_length, 300);
    abx_virtqueue_push(&queue, &chain, 300);
    expect_used(id, 300);
}

static void no_more_is_said_to_be_written_than_there_was_room_for(void **state)
{
    open_queue(state, 4, false, false);
    abx_virtqueue_chain chain;
    int id = driver_add(&guest, &(buffer){ DATA, 100, false }, 1, 0);
    assert_true(pop(&chain));
    abx_virtqueue_push(&queue, &chain, 7);
    expect_used(id, 0);
    id = offer(DATA, 100);
    assert_true(pop(&chain));
    abx_virtqueue_push(&queue, &chain, UINT64_MAX);
    expect_used(id, 100);
}

static void read_only_memory_can_be_read(void **state)
{
    open_queue(state, 4, false, false);
    abx_virtqueue_chain chain;
    driver_add(&guest, &(buffer){ ROM, 100, false }, 1, 0);
    assert_true(pop(&chain));
    assert_int_equal(chain.readable_length, 100);
}

static void what_comes_after_a_close_is_dropped(void **state)
{
    open_queue(state, 4, false, false);
    abx_virtqueue_chain late, chain;
    offer(DATA, 100);
    assert_true(pop(&late));
    abx_virtqueue_close(&queue);
    assert_false(pop(&chain));
    abx_virtqueue_push(&queue, &late, 100);
    assert_false(abx_virtqueue_should_notify(&queue));
    assert_false(abx_virtqueue_listen(&queue));
    abx_virtqueue_quiet(&queue);
    open_queue(state, 4, false, false);
    abx_virtqueue_push(&queue, &late, 100);
    expect_nothing_used();
    assert_int_equal(queue.in_flight, 0);
    int id = offer(DATA, 50);
    assert_true(pop(&chain));
    abx_virtqueue_push(&queue, &late, 100);
    expect_nothing_used();
    abx_virtqueue_push(&queue, &chain, 50);
    expect_used(id, 50);
}

static void use(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        abx_virtqueue_chain chain;
        assert_true(offer(DATA, 64) >= 0);
        assert_true(pop(&chain));
        abx_virtqueue_push(&queue, &chain, 1);
    }
}

static void take(unsigned count)
{
    uint32_t id, length;
    for (unsigned i = 0; i < count; i++)
        assert_true(driver_take(&guest, &id, &length));
}

static void interrupts_are_sent_unless_they_are_not_wanted(void **state)
{
    open_queue(state, 8, false, false);
    assert_false(abx_virtqueue_should_notify(&queue)); /* of nothing */
    use(2);
    assert_true(abx_virtqueue_should_notify(&queue));
    assert_false(abx_virtqueue_should_notify(&queue)); /* was told */
    driver_no_interrupts(&guest);
    use(1);
    assert_false(abx_virtqueue_should_notify(&queue));
    driver_all_interrupts(&guest);
    use(1);
    assert_true(abx_virtqueue_should_notify(&queue));
}

static void with_event_index_one_interrupt_comes_where_it_was_asked_for(void **state)
{
    open_queue(state, 8, false, true);
    for (unsigned round = 0; round < 50; round++) {
        uint16_t after = (uint16_t)(1 + round % 8);
        driver_interrupt_after(&guest, after);
        for (unsigned i = 1; i <= 8; i++) {
            use(1);
            assert_int_equal(abx_virtqueue_should_notify(&queue), i == after);
        }
        take(8);
        /* Several at once: one for all of them. */
        driver_interrupt_after(&guest, after);
        use(4);
        assert_int_equal(abx_virtqueue_should_notify(&queue), after <= 4);
        use(4);
        assert_int_equal(abx_virtqueue_should_notify(&queue), after > 4);
        take(8);
    }
    driver_no_interrupts(&guest);
    use(8);
    assert_false(abx_virtqueue_should_notify(&queue));
}

static void notifications_are_asked_for_and_not(void **state)
{
    for (int event_index = 0; event_index < 2; event_index++) {
        open_queue(state, 8, false, event_index);
        for (unsigned round = 0; round < 50; round++) {
            assert_false(abx_virtqueue_listen(&queue));
            assert_true(offer(DATA, 1) >= 0);
            assert_true(driver_should_kick(&guest, 1));
            abx_virtqueue_quiet(&queue);
            assert_true(offer(DATA, 2) >= 0);
            assert_false(driver_should_kick(&guest, 1));
            assert_true(abx_virtqueue_listen(&queue)); /* two are there */
            abx_virtqueue_chain chain;
            for (int i = 0; i < 2; i++) {
                assert_true(pop(&chain));
                abx_virtqueue_push(&queue, &chain, 0);
            }
            assert_false(pop(&chain));
            take(2);
        }
    }
}

static void a_packed_queue_may_have_any_size(void **state)
{
    (void)state;
    driver_init(&guest, vm, 5, true, false, true);
    abx_virtqueue_open(&queue, vm, &guest.layout);
    for (unsigned i = 0; i < 40; i++) {
        const buffer buffers[] = { { DATA, 8, false }, { DATA, 8, true }, { DATA + 8, 8, true } };
        abx_virtqueue_chain chain;
        int id = driver_add(&guest, buffers, 3, 0);
        assert_true(id >= 0 && pop(&chain));
        assert_int_equal(chain.entries, 3);
        abx_virtqueue_push(&queue, &chain, 16);
        expect_used(id, 16);
    }
}

#define BOTH(function)                                                                                                 \
    { #function " (split)", function, begin, end, (void *)&split },                                                    \
    {                                                                                                                  \
#function " (packed)", function, begin, end, (void *)&packed                                                   \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_is_offered_comes_out_and_goes_back),
        BOTH(the_rings_go_round),
        BOTH(the_whole_queue_in_flight_returns_in_any_order),
        BOTH(a_table_of_buffers_is_one_entry),
        BOTH(a_buffer_across_two_regions_is_two_pieces),
        BOTH(no_more_is_said_to_be_written_than_there_was_room_for),
        BOTH(read_only_memory_can_be_read),
        BOTH(what_comes_after_a_close_is_dropped),
        BOTH(interrupts_are_sent_unless_they_are_not_wanted),
        BOTH(with_event_index_one_interrupt_comes_where_it_was_asked_for),
        BOTH(notifications_are_asked_for_and_not),
        cmocka_unit_test_setup_teardown(a_packed_queue_may_have_any_size, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
