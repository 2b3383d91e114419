/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each thing that a driver must not do, by itself: the queue breaks for that reason, and nothing else happens. */
#include "driver.h"

#include "fake_manual.h"

#include <string.h>

enum { SIZE = 8, TABLE = DATA + 0x8000 };

static abx_vm *vm;
static driver guest;
static abx_virtqueue queue;
static struct iovec pieces[ABX_VIRTQUEUE_PIECES];

static void begin(bool packed, bool indirect)
{
    driver_init(&guest, vm, SIZE, packed, indirect, false);
    abx_virtqueue_open(&queue, vm, &guest.layout);
}

/* The queue breaks, and stays as it is, with what is in flight dropped. */
static void expect_fault_with(abx_virtqueue_fault fault, uint32_t capacity)
{
    abx_virtqueue_chain chain, untouched;
    memset(&chain, 0x5a, sizeof(chain));
    untouched = chain;
    abx_memory_guard stay = abx_memory_enter(vm);
    for (int i = 0; i < 2; i++) {
        assert_false(abx_virtqueue_pop(&queue, &chain, pieces, capacity));
        assert_int_equal(queue.fault, fault);
        assert_memory_equal(&chain, &untouched, sizeof(chain));
    }
    assert_false(abx_virtqueue_listen(&queue));
    abx_virtqueue_break(&queue, ABX_VIRTQUEUE_REFUSED);
    assert_int_equal(queue.fault, fault);
    chain.generation = queue.generation;
    abx_virtqueue_push(&queue, &chain, 0);
    assert_false(abx_virtqueue_should_notify(&queue));
    abx_memory_leave(vm, stay);
    uint32_t id, length;
    assert_false(driver_take(&guest, &id, &length));
    assert_string_not_equal(abx_virtqueue_fault_text(fault), "unknown fault");
}

static void expect_fault(abx_virtqueue_fault fault)
{
    expect_fault_with(fault, ABX_VIRTQUEUE_PIECES);
}

/* Offers the same buffers to every kind of queue, in the ring and in a table. */
static void expect_fault_of(const buffer *buffers, uint32_t count, abx_virtqueue_fault fault)
{
    for (int way = 0; way < 4; way++) {
        begin(way & 1, true);
        assert_true(driver_add(&guest, buffers, count, way & 2 ? TABLE : 0) >= 0);
        expect_fault(fault);
    }
}

static void buffers_outside_of_memory(void **state)
{
    (void)state;
    static const buffer wrong[] = {
        { 0, 1, true },
        { RAM - 1, 1, false },
        { RAM - 1, 2, false },
        { SECOND + SECOND_SIZE, 1, false },
        { SECOND + SECOND_SIZE - 1, 2, true },
        { RAM, UINT32_MAX, true },
        { ROM + ROM_SIZE - 1, 2, false },
        { ROM, 1, true }, /* cannot be written */
        { UINT64_MAX, 1, false },
        { UINT64_MAX, 2, true }, /* wraps */
        { UINT64_MAX - 0xfff, UINT32_MAX, true },
        { UINT64_C(1) << 63, 1, true },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        expect_fault_of(&wrong[i], 1, ABX_VIRTQUEUE_BAD_ADDRESS);
    const buffer second[] = { { DATA, 16, false }, { RAM - 16, 16, true } };
    expect_fault_of(second, 2, ABX_VIRTQUEUE_BAD_ADDRESS);
}

static void empty_buffers(void **state)
{
    (void)state;
    expect_fault_of(&(buffer){ DATA, 0, true }, 1, ABX_VIRTQUEUE_BAD_LENGTH);
    const buffer second[] = { { DATA, 16, false }, { DATA, 0, false } };
    expect_fault_of(second, 2, ABX_VIRTQUEUE_BAD_LENGTH);
}

static void readable_after_writable(void **state)
{
    (void)state;
    const buffer buffers[] = { { DATA, 16, false }, { DATA, 16, true }, { DATA, 16, false } };
    expect_fault_of(buffers, 3, ABX_VIRTQUEUE_BAD_ORDER);
}

static void more_pieces_than_the_device_takes(void **state)
{
    (void)state;
    const buffer buffers[] = { { DATA, 16, false }, { SECOND - 8, 16, true } };
    for (int packed = 0; packed < 2; packed++) {
        for (uint32_t capacity = 0; capacity < 3; capacity++) {
            begin(packed, false);
            assert_true(driver_add(&guest, buffers, 2, 0) >= 0);
            expect_fault_with(ABX_VIRTQUEUE_TOO_SPLIT, capacity);
        }
        begin(packed, false);
        assert_true(driver_add(&guest, buffers, 2, 0) >= 0);
        abx_virtqueue_chain chain;
        assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 3));
    }
}

static void a_chain_of_more_than_4_gib(void **state)
{
    (void)state;
    /* Address space costs nothing: the pages are never touched. */
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = UINT64_C(1) << 33;
    region.length = UINT64_C(1) << 32;
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    buffer buffers[] = { { region.gpa, 1u << 31, false }, { region.gpa, 1u << 31, true }, { DATA, 1, true } };
    expect_fault_of(buffers, 3, ABX_VIRTQUEUE_BAD_LENGTH);
    abx_virtqueue_chain chain;
    assert_true(driver_add(&guest, buffers, 2, 0) >= 0);
    begin(false, false);
    assert_true(driver_add(&guest, buffers, 2, 0) >= 0);
    assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 2));
    assert_int_equal(abx_memory_remove(vm, region.gpa), ABX_OK);
}

static void more_buffers_than_the_queue_has_entries(void **state)
{
    (void)state;
    buffer buffers[SIZE + 1];
    for (uint32_t i = 0; i <= SIZE; i++)
        buffers[i] = (buffer){ DATA + UINT64_C(16) * i, 16, true };
    for (int packed = 0; packed < 2; packed++) {
        begin(packed, true);
        assert_true(driver_add(&guest, buffers, SIZE + 1, TABLE) >= 0);
        expect_fault(ABX_VIRTQUEUE_TOO_LONG);
        begin(packed, true);
        assert_true(driver_add(&guest, buffers, SIZE, TABLE) >= 0);
        abx_virtqueue_chain chain;
        assert_true(abx_virtqueue_pop(&queue, &chain, pieces, SIZE));
    }
}

static void wrong_indirect_descriptors(void **state)
{
    (void)state;
    static const struct {
        uint64_t address;
        uint32_t length;
        uint16_t flags;
        bool negotiated;
        abx_virtqueue_fault fault;
    } cases[] = {
        { TABLE, 16, F_INDIRECT, false, ABX_VIRTQUEUE_BAD_INDIRECT },
        { TABLE, 0, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_INDIRECT },
        { TABLE, 15, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_INDIRECT },
        { TABLE, 17, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_INDIRECT },
        { TABLE, 16, F_INDIRECT | F_NEXT, true, ABX_VIRTQUEUE_BAD_INDIRECT },
        { TABLE, UINT32_MAX - 15, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_ADDRESS },
        { SECOND - 8, 16, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_ADDRESS },
        { UINT64_MAX - 7, 16, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_ADDRESS },
        { 0, 16, F_INDIRECT, true, ABX_VIRTQUEUE_BAD_ADDRESS },
    };
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
        bool packed = i & 1;
        begin(packed, cases[i / 2].negotiated);
        driver_put(&guest, TABLE, 0, DATA, 16, 0, 0);
        uint16_t marks = packed ? F_AVAILABLE : 0;
        driver_put(&guest, RINGS, 0, cases[i / 2].address, cases[i / 2].length, cases[i / 2].flags | marks, 0);
        if (!packed)
            driver_set_index(&guest, 1);
        expect_fault(cases[i / 2].fault);
    }
}

/* In a split queue a table may follow buffers of the ring; in a packed one it may not. */
static void a_table_after_buffers(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        begin(packed, true);
        uint16_t marks = packed ? F_AVAILABLE : 0;
        driver_put(&guest, TABLE, 0, DATA, 16, F_WRITE, 0);
        driver_put(&guest, RINGS, 1, TABLE, 16, (uint16_t)(F_INDIRECT | F_WRITE | marks), 0);
        driver_put(&guest, RINGS, 0, DATA, 16, (uint16_t)(F_NEXT | marks), 1);
        if (packed) {
            expect_fault(ABX_VIRTQUEUE_BAD_INDIRECT);
            continue;
        }
        driver_set_index(&guest, 1);
        abx_virtqueue_chain chain;
        assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 2));
        assert_int_equal(chain.readable_length, 16);
        assert_int_equal(chain.writable_length, 16);
    }
}

/* In a packed queue only WRITE means something there (2.8.7). */
static void a_table_within_a_table(void **state)
{
    (void)state;
    begin(false, true);
    driver_put(&guest, TABLE, 0, TABLE, 16, F_INDIRECT, 0);
    driver_put(&guest, RINGS, 0, TABLE, 16, F_INDIRECT, 0);
    driver_set_index(&guest, 1);
    expect_fault(ABX_VIRTQUEUE_BAD_INDIRECT);
    begin(true, true);
    driver_put(&guest, TABLE, 0, TABLE, 16, F_INDIRECT | F_NEXT, 0);
    driver_put(&guest, RINGS, 0, TABLE, 16, F_INDIRECT | F_AVAILABLE, 0);
    abx_virtqueue_chain chain;
    assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 1));
    assert_ptr_equal(chain.readable[0].iov_base, driver_at(&guest, TABLE));
}

static void loops(void **state)
{
    (void)state;
    for (uint16_t length = 1; length <= SIZE; length++) {
        begin(false, false);
        for (uint16_t i = 0; i < length; i++)
            driver_put(&guest, RINGS, i, DATA, 16, F_NEXT, (uint16_t)((i + 1) % length));
        driver_set_index(&guest, 1);
        expect_fault(ABX_VIRTQUEUE_TOO_LONG);
    }
    begin(false, true); /* in a table */
    driver_put(&guest, TABLE, 0, DATA, 16, F_NEXT, 1);
    driver_put(&guest, TABLE, 1, DATA, 16, F_NEXT, 0);
    driver_put(&guest, RINGS, 0, TABLE, 32, F_INDIRECT, 0);
    driver_set_index(&guest, 1);
    expect_fault(ABX_VIRTQUEUE_TOO_LONG);
    begin(true, false); /* a packed chain without an end */
    for (uint32_t i = 0; i < SIZE; i++)
        driver_put(&guest, RINGS, i, DATA, 16, F_NEXT | F_AVAILABLE, 0);
    expect_fault(ABX_VIRTQUEUE_TOO_LONG);
}

static void indices_out_of_the_table(void **state)
{
    (void)state;
    static const uint16_t wrong[] = { SIZE, SIZE + 1, 0x7fff, 0xffff };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        begin(false, false);
        driver_put_available(&guest, 0, wrong[i]);
        driver_set_index(&guest, 1);
        expect_fault(ABX_VIRTQUEUE_BAD_HEAD);
        begin(false, false);
        driver_put(&guest, RINGS, 0, DATA, 16, F_NEXT, wrong[i]);
        driver_set_index(&guest, 1);
        expect_fault(ABX_VIRTQUEUE_BAD_NEXT);
        begin(false, true);
        driver_put(&guest, TABLE, 0, DATA, 16, F_NEXT, 1); /* the table has one */
        driver_put(&guest, RINGS, 0, TABLE, 16, F_INDIRECT, 0);
        driver_set_index(&guest, 1);
        expect_fault(ABX_VIRTQUEUE_BAD_NEXT);
    }
}

static void the_available_index_jumps(void **state)
{
    (void)state;
    static const uint16_t wrong[] = { SIZE + 1, 0x8000, 0xffff };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        begin(false, false);
        driver_set_index(&guest, wrong[i]);
        expect_fault(ABX_VIRTQUEUE_BAD_INDEX);
    }
}

/* A driver that does not wait until it gets its entries back. */
static void more_in_flight_than_there_is_room_for(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        begin(packed, false);
        abx_virtqueue_chain chain;
        for (uint32_t i = 0; i < SIZE; i++) {
            assert_true(driver_add(&guest, &(buffer){ DATA, 16, true }, 1, 0) >= 0);
            assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 1));
        }
        driver_put_available(&guest, guest.next, 0);
        if (packed)
            driver_put(&guest, RINGS, 0, DATA, 16, driver_marks(&guest), 0);
        else
            driver_set_index(&guest, SIZE + 1);
        expect_fault(ABX_VIRTQUEUE_BAD_INDEX);
    }
    begin(true, false); /* a chain that goes on into what is in flight */
    abx_virtqueue_chain chain;
    assert_true(driver_add(&guest, &(buffer){ DATA, 16, true }, 1, 0) >= 0);
    assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 1));
    for (uint32_t i = 1; i < SIZE; i++)
        driver_put(&guest, RINGS, i, DATA, 16, F_NEXT | F_AVAILABLE, 0);
    expect_fault(ABX_VIRTQUEUE_TOO_LONG);
}

static void expect_fault_of_layout(abx_virtqueue_layout layout, abx_virtqueue_fault fault)
{
    abx_virtqueue_open(&queue, vm, &layout);
    expect_fault(fault);
}

static void sizes_that_cannot_be(void **state)
{
    (void)state;
    static const uint32_t wrong[] = { 0, ABX_VIRTQUEUE_SIZE_MAX + 1, 0x10000, UINT32_MAX };
    for (int packed = 0; packed < 2; packed++) {
        begin(packed, false);
        abx_virtqueue_layout layout = guest.layout;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
            layout.size = wrong[i];
            expect_fault_of_layout(layout, ABX_VIRTQUEUE_BAD_SIZE);
        }
    }
    begin(false, false);
    abx_virtqueue_layout layout = guest.layout;
    layout.size = 6;
    expect_fault_of_layout(layout, ABX_VIRTQUEUE_BAD_SIZE);
}

static void misaligned_parts(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        begin(packed, false);
        abx_virtqueue_layout layout = guest.layout;
        layout.descriptors += 8;
        expect_fault_of_layout(layout, ABX_VIRTQUEUE_BAD_RING);
        layout = guest.layout;
        layout.driver += packed ? 2 : 1;
        expect_fault_of_layout(layout, ABX_VIRTQUEUE_BAD_RING);
        layout = guest.layout;
        layout.device += 2;
        expect_fault_of_layout(layout, ABX_VIRTQUEUE_BAD_RING);
    }
}

/* A part that is not where memory is breaks the queue at its first use; nothing is written where it must not be. */
static void parts_outside_of_memory(void **state)
{
    (void)state;
    static const abx_gpa wrong[] = {
        0, RAM - 16, SECOND - 2, SECOND + SECOND_SIZE - 2, ROM, UINT64_MAX & ~UINT64_C(15)
    };
    for (size_t i = 0; i < 6 * sizeof(wrong) / sizeof(*wrong); i++) {
        bool packed = i & 1;
        unsigned part = (unsigned)(i / 2 % 3);
        abx_gpa gpa = wrong[i / 6] & ~UINT64_C(15);
        begin(packed, false);
        abx_virtqueue_layout layout = guest.layout;
        *(part == 0 ? &layout.descriptors : part == 1 ? &layout.driver : &layout.device) = gpa;
        bool read_only = gpa == ROM;
        if (gpa == SECOND - 16 && (part > 0 && packed)) /* 4 bytes fit */
            continue;
        assert_true(driver_add(&guest, &(buffer){ DATA, 16, true }, 1, 0) >= 0);
        abx_virtqueue_open(&queue, vm, &layout);
        abx_memory_guard stay = abx_memory_enter(vm);
        abx_virtqueue_chain chain;
        if (abx_virtqueue_pop(&queue, &chain, pieces, 1)) {
            assert_true(part == 2 || (part == 1 && packed));
            abx_virtqueue_push(&queue, &chain, 1);
            abx_virtqueue_should_notify(&queue);
            abx_virtqueue_listen(&queue);
        }
        abx_memory_leave(vm, stay);
        /* What the device only reads may be read-only. */
        bool allowed = read_only && (part == 1 || (part == 0 && !packed) || queue.fault == ABX_VIRTQUEUE_SOUND);
        if (!allowed && !(gpa >= SECOND + SECOND_SIZE - 16 && gpa < SECOND + SECOND_SIZE && part > 0 && packed))
            assert_int_equal(queue.fault, ABX_VIRTQUEUE_BAD_RING);
        assert_true(part != 2 || !read_only || queue.fault == ABX_VIRTQUEUE_BAD_RING);
    }
}

static void a_device_can_refuse_what_it_was_given(void **state)
{
    (void)state;
    begin(false, false);
    abx_virtqueue_break(&queue, ABX_VIRTQUEUE_REFUSED);
    expect_fault(ABX_VIRTQUEUE_REFUSED);
    abx_virtqueue_close(&queue);
    abx_virtqueue_break(&queue, ABX_VIRTQUEUE_REFUSED); /* of a closed one: nothing */
    assert_int_equal(queue.fault, ABX_VIRTQUEUE_SOUND);
    begin(false, false); /* and opened again it works */
    abx_virtqueue_chain chain;
    assert_true(driver_add(&guest, &(buffer){ DATA, 16, true }, 1, 0) >= 0);
    assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 1));
    assert_string_equal(abx_virtqueue_fault_text((abx_virtqueue_fault)99), "unknown fault");
}

static int before_all(void **state)
{
    (void)state;
    vm = driver_vm();
    return 0;
}

static int after_all(void **state)
{
    (void)state;
    fake_manual_end(vm);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_outside_of_memory),
        cmocka_unit_test(empty_buffers),
        cmocka_unit_test(readable_after_writable),
        cmocka_unit_test(more_pieces_than_the_device_takes),
        cmocka_unit_test(a_chain_of_more_than_4_gib),
        cmocka_unit_test(more_buffers_than_the_queue_has_entries),
        cmocka_unit_test(wrong_indirect_descriptors),
        cmocka_unit_test(a_table_after_buffers),
        cmocka_unit_test(a_table_within_a_table),
        cmocka_unit_test(loops),
        cmocka_unit_test(indices_out_of_the_table),
        cmocka_unit_test(the_available_index_jumps),
        cmocka_unit_test(more_in_flight_than_there_is_room_for),
        cmocka_unit_test(sizes_that_cannot_be),
        cmocka_unit_test(misaligned_parts),
        cmocka_unit_test(parts_outside_of_memory),
        cmocka_unit_test(a_device_can_refuse_what_it_was_given),
    };
    return cmocka_run_group_tests(tests, before_all, after_all);
}
