/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Port and memory-mapped I/O in every mode, size and direction. */
#include "harness.h"

#include <string.h>

static void test_real_mode_ports(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "real_io", NULL);
    guest_expect_out(&g, 0x20, 1, 0x5a);
    guest_expect_out(&g, 0x21, 2, 0x1234);
    guest_expect_out(&g, 0x22, 4, 0x89abcdef);
    guest_answer_in(&g, 0x23, 1, 0xa5);
    guest_expect_out(&g, 0x24, 1, 0xa5);
    guest_answer_in(&g, 0x25, 2, 0xbeef);
    guest_expect_out(&g, 0x26, 2, 0xbeef);
    guest_answer_in(&g, 0x27, 4, 0xdeadbeef);
    guest_expect_out(&g, 0x28, 4, 0xdeadbeef);
    guest_close(&g);
}

/* Gathers `total` elements that the guest writes to `port`, however many come with each exit. */
static void gather(guest *g, uint16_t port, uint8_t size, size_t total, void *into)
{
    for (size_t got = 0; got < total;) {
        guest_run_to(g, ABX_EXIT_IO);
        assert_int_equal(g->exit.io.port, port);
        assert_int_equal(g->exit.io.size, size);
        assert_int_equal(g->exit.io.direction, ABX_WRITE);
        assert_in_range(g->exit.io.count, 1, total - got);
        memcpy((uint8_t *)into + got * size, g->exit.io.data, g->exit.io.count * size);
        got += g->exit.io.count;
    }
}

static void test_string_instructions(void **state)
{
    (void)state;
    static const uint16_t words[] = { 1, 0x203, 0x405, 0x607, 0xffff };
    guest g;
    guest_open(&g, "real_io", NULL);
    for (int i = 0; i < 9; i++)
        guest_run_to(&g, ABX_EXIT_IO);
    char text[7];
    gather(&g, 0x3f8, 1, sizeof(text), text);
    assert_memory_equal(text, "strings", sizeof(text));
    for (size_t given = 0; given < 5;) {
        guest_run_to(&g, ABX_EXIT_IO);
        assert_int_equal(g.exit.io.port, 0x310);
        assert_int_equal(g.exit.io.direction, ABX_READ);
        assert_in_range(g.exit.io.count, 1, 5 - given);
        memcpy(g.exit.io.data, words + given, g.exit.io.count * 2);
        given += g.exit.io.count;
    }
    uint16_t back[5];
    gather(&g, 0x320, 2, 5, back);
    assert_memory_equal(back, words, sizeof(words));
    guest_run_to(&g, ABX_EXIT_HALT);
    guest_close(&g);
}

static void test_protected_mode(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "protected_io", NULL);
    guest_expect_out(&g, 0x20, 1, 0x5a);
    guest_expect_out(&g, 0x21, 2, 0x1234);
    guest_expect_out(&g, 0x22, 4, 0x89abcdef);
    guest_answer_in(&g, 0x23, 1, 0xa5);
    guest_answer_in(&g, 0x25, 2, 0xbeef);
    guest_answer_in(&g, 0x27, 4, 0xdeadbeef);
    guest_expect_write(&g, 0xd0000001, 1, 0x11);
    guest_expect_write(&g, 0xd0000002, 2, 0x2233);
    guest_expect_write(&g, 0xd0000004, 4, 0x44556677);
    guest_answer_read(&g, 0xd0000008, 1, 0x88);
    guest_answer_read(&g, 0xd000000c, 4, 0xccddeeff);
    guest_expect_done(&g);
    guest_close(&g);
}

static void test_long_mode(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "io", NULL);
    guest_expect_sync(&g, 1);
    guest_expect_out(&g, 0x20, 1, 0x5a);
    guest_answer_in(&g, 0x27, 4, 0xdeadbeef);
    guest_expect_write(&g, 0xd0000001, 1, 0x11);
    guest_expect_write(&g, 0xd0000002, 2, 0x2233);
    guest_expect_write(&g, 0xd0000004, 4, 0x44556677);
    guest_expect_write(&g, 0xd0000008, 8, 0x8899aabbccddeeff);
    guest_answer_read(&g, 0xd0000010, 1, 0x88);
    guest_answer_read(&g, 0xd0000012, 2, 0x9a9b);
    guest_answer_read(&g, 0xd0000018, 8, 0x0123456789abcdef);
    guest_answer(&g, 7);
    guest_expect_done(&g);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_mode_ports),
        cmocka_unit_test(test_string_instructions),
        cmocka_unit_test(test_protected_mode),
        cmocka_unit_test(test_long_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
