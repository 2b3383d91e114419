/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#define READABLE (HV_MEMORY_READ | HV_MEMORY_EXEC)
#define ALL      (READABLE | HV_MEMORY_WRITE)
enum { PAGES = RIG_RAM_SIZE / FAKE_PAGE, WORDS = PAGES / 64 };

static void assert_dirty(hvf_rig *rig, uint64_t low, uint64_t high)
{
    uint64_t bitmap[WORDS];
    assert_int_equal(abx_memory_get_dirty(rig->vm, RIG_RAM, bitmap, WORDS), ABX_OK);
    assert_int_equal(bitmap[0], low);
    assert_int_equal(bitmap[1], high);
}

static void written_pages_are_logged_without_an_exit(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    assert_int_equal(fake_mapping(RIG_RAM)->flags, READABLE);
    assert_dirty(rig, 0, 0);
    rig_script(rig, STORE(3, 1), RIG_RAM + 3 * FAKE_PAGE + 8);
    rig_script(rig, ESR(0x24, 0x4f), RIG_RAM + 70 * FAKE_PAGE);          /* not described, a write */
    rig_script(rig, ESR(0x24, 1u << 7 | 0x0f), RIG_RAM + 5 * FAKE_PAGE); /* the hardware, in a page table */
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
    assert_int_equal(rig_pc(rig), 4); /* the WFI only: the stores are executed by the guest */
    assert_dirty(rig, 1u << 3 | 1u << 5, 1u << 6);
    assert_int_equal(fake_mapping(RIG_RAM + 3 * FAKE_PAGE)->flags, ALL);
    assert_int_equal(fake_mapping(RIG_RAM + 4 * FAKE_PAGE)->flags, READABLE);
}

static void cleared_pages_are_logged_again(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    rig_script(rig, STORE(3, 1), RIG_RAM);
    rig_script(rig, STORE(3, 1), RIG_RAM + FAKE_PAGE);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    static const uint64_t first[WORDS] = { 1 };
    assert_int_equal(abx_memory_clear_dirty(rig->vm, RIG_RAM, first, WORDS), ABX_OK);
    assert_dirty(rig, 2, 0);
    assert_int_equal(fake_mapping(RIG_RAM)->flags, READABLE);
    assert_int_equal(fake_mapping(RIG_RAM + FAKE_PAGE)->flags, ALL);
    rig_script(rig, STORE(3, 1), RIG_RAM);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    assert_dirty(rig, 3, 0);
}

static void ending_the_log_ends_the_protection(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, false), ABX_OK);
    assert_int_equal(fake_mapping(RIG_RAM)->flags, ALL);
}

/* The abort of a page that has become writable since the run began is none. */
static void a_write_that_comes_too_late_is_no_exit(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    uint64_t gaps = abx_hvf_memory_gaps(&rig->object->vm->memory);
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, false), ABX_OK);
    bool again = false;
    assert_int_equal(abx_hvf_memory_fault(&rig->object->vm->memory, gaps, RIG_RAM, true, &again), ABX_OK);
    assert_true(again);
    gaps = abx_hvf_memory_gaps(&rig->object->vm->memory);
    assert_int_equal(abx_hvf_memory_fault(&rig->object->vm->memory, gaps, RIG_RAM, true, &again), ABX_OK);
    assert_false(again);
}

static void failures_change_nothing(void **state)
{
    hvf_rig *rig = *state;
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_ERR_SYSTEM, "change the protection");
    assert_int_equal(fake_mapping(RIG_RAM)->flags, ALL);
    assert_int_equal(abx_memory_log_dirty(rig->vm, RIG_RAM, true), ABX_OK);
    rig_script(rig, STORE(3, 1), RIG_RAM);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    static const uint64_t first[WORDS] = { 1 };
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_memory_clear_dirty(rig->vm, RIG_RAM, first, WORDS), ABX_ERR_SYSTEM, "clear the log");
    assert_dirty(rig, 1, 0);
    /* A page that cannot be made writable ends the run with an error, and no exit. */
    rig_script(rig, STORE(3, 1), RIG_RAM + FAKE_PAGE);
    fake.fail_at = fake.calls + 2;
    abx_exit exit;
    assert_fails(abx_vcpu_run(rig->vcpu, &exit), ABX_ERR_SYSTEM, "let the guest write to 0x40004000");
}

static void no_log_is_no_log(void **state)
{
    hvf_rig *rig = *state;
    uint64_t bitmap[WORDS] = { 0 };
    const abx_slot ram = { .gpa = RIG_RAM, .length = RIG_RAM_SIZE };
    assert_fails(abx_hvf_memory_get_dirty(rig->object->vm, &ram, bitmap), ABX_ERR_STATE, "Start the log");
    assert_fails(abx_hvf_memory_clear_dirty(rig->object->vm, &ram, bitmap), ABX_ERR_STATE, "Start the log");
    const abx_slot none = { .index = 7, .gpa = RIG_RAM, .length = RIG_RAM_SIZE };
    assert_fails(abx_hvf_memory_set_flags(rig->object->vm, &none), ABX_ERR_NOT_FOUND, "change the flags");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(written_pages_are_logged_without_an_exit),
        CASE(cleared_pages_are_logged_again),
        CASE(ending_the_log_ends_the_protection),
        CASE(a_write_that_comes_too_late_is_no_exit),
        CASE(failures_change_nothing),
        CASE(no_log_is_no_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
