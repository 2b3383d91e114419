/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Instructions with several accesses to memory-mapped I/O: each comes out by itself, of odd sizes too. */
#include "harness.h"

enum { RAM_END = 16 << 20 };
#define MMIO 0xd0000000u

/* What is done after an access: when the instruction has another one to make, when the next one is another element of
 * a string, and when that was all. */
typedef struct between {
    void (*more)(guest *g);
    void (*next)(guest *g);
    void (*done)(guest *g);
} between;

static void run_on(guest *g)
{
    (void)g;
}

/* The next access waits for the next run, however often one asks. */
static void is_busy(guest *g)
{
    assert_status(abx_vcpu_complete_io(g->vcpu), ABX_ERR_BUSY);
    assert_status(abx_vcpu_complete_io(g->vcpu), ABX_ERR_BUSY);
}

/* It is the kernel's choice whether it goes on with a string by itself or enters the guest again. */
static void may_be_busy(guest *g)
{
    abx_status status = abx_vcpu_complete_io(g->vcpu);
    if (status != ABX_ERR_BUSY)
        assert_ok(status);
}

static void is_complete(guest *g)
{
    assert_ok(abx_vcpu_complete_io(g->vcpu));
}

static void expect_crossings(guest *g, const between *then)
{
    guest_expect_write(g, MMIO + 0xffd, 3, 0x332211);
    then->more(g);
    guest_expect_write(g, MMIO + 0x1000, 5, 0x8877665544);
    then->done(g);
    guest_answer_read(g, MMIO + 0x1ffe, 2, 0x2211);
    then->more(g);
    guest_answer_read(g, MMIO + 0x2000, 2, 0x4433);
    then->done(g);
    guest_answer_read(g, MMIO + 0x2ffb, 5, 0x5544332211);
    then->more(g);
    guest_answer_read(g, MMIO + 0x3000, 3, 0x887766);
    then->done(g);
    guest_expect_write(g, RAM_END, 1, 0xdd);
    then->done(g);
}

static void expect_strings(guest *g, const between *then)
{
    guest_expect_write(g, MMIO + 0x3ffe, 1, 1);
    then->next(g);
    guest_expect_write(g, MMIO + 0x3fff, 1, 2);
    then->next(g);
    guest_expect_write(g, MMIO + 0x4000, 1, 3);
    then->done(g);
    guest_answer_read(g, MMIO + 0x4000, 4, 0x11111111);
    then->next(g);
    guest_answer_read(g, MMIO + 0x4004, 4, 0x22222222);
    then->done(g);
}

static void live(const between *then)
{
    guest g;
    guest_open(&g, "mmio_fragments", NULL);
    expect_crossings(&g, then);
    expect_strings(&g, then);
    guest_expect_done(&g);
    guest_close(&g);
}

static void test_fragments(void **state)
{
    static const between then = { run_on, run_on, run_on };
    (void)state;
    live(&then);
}

static void test_completion_between_fragments(void **state)
{
    static const between then = { is_busy, may_be_busy, is_complete };
    (void)state;
    live(&then);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_completion_between_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
