/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include <arcbox/exit.h>

#include <string.h>

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int kind = ABX_EXIT_IO; kind <= ABX_EXIT_TIMER; kind++) {
        const char *name = abx_exit_kind_name((abx_exit_kind)kind);
        assert_non_null(name);
        assert_string_not_equal(name, "unknown");
        abx_exit exit = { .kind = (abx_exit_kind)kind };
        char line[512];
        assert_in_range(abx_exit_describe(&exit, line, sizeof(line)), strlen(name), sizeof(line) - 1);
        assert_memory_equal(line, name, strlen(name));
    }
    assert_string_equal(abx_exit_kind_name((abx_exit_kind)999), "unknown");
    assert_string_equal(abx_exit_kind_name(ABX_EXIT_INTERNAL_ERROR), "internal-error");
}

static void expect(const abx_exit *exit, const char *text)
{
    char line[512];
    assert_int_equal(abx_exit_describe(exit, line, sizeof(line)), strlen(text));
    assert_string_equal(line, text);
}

static void accesses_are_described_whole(void **state)
{
    (void)state;
    uint8_t data[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66 };
    abx_exit exit = { .kind = ABX_EXIT_MMIO, .mmio = { .address = 0xfee00000, .size = 4, .direction = ABX_READ } };
    expect(&exit, "mmio read 4 at 0xfee00000");
    exit.mmio = (abx_exit_mmio){ .address = 0x1000, .size = 3, .direction = ABX_WRITE, .data = data };
    expect(&exit, "mmio write 3 at 0x1000: 11 22 33");
    exit = (abx_exit){ .kind = ABX_EXIT_IO, .io = { ABX_WRITE, 2, 0x3f8, 3, data } };
    expect(&exit, "io write 2 x 3 at port 0x3f8: 11 22 33 44 55 66");
    exit = (abx_exit){ .kind = ABX_EXIT_IO, .io = { ABX_READ, 1, 0x64, 1, data } };
    expect(&exit, "io read 1 at port 0x64");
}

static void failures_have_their_details(void **state)
{
    (void)state;
    abx_exit exit = { .kind = ABX_EXIT_INTERNAL_ERROR,
                      .internal_error = { .suberror = 1,
                                          .data_count = 2,
                                          .data = { 0xabc, 7 },
                                          .instruction_size = 2,
                                          .instruction = { 0x0f, 0x0b } } };
    expect(&exit, "internal-error 1 (emulation): 0xabc, 0x7; instruction: 0f 0b");
    exit = (abx_exit){ .kind = ABX_EXIT_FAIL_ENTRY, .fail_entry = { 0x80000021, 3 } };
    expect(&exit, "fail-entry hardware reason 0x80000021 on CPU 3");
    exit = (abx_exit){ .kind = ABX_EXIT_UNKNOWN, .reason = 4711 };
    expect(&exit, "unknown reason 4711");
}

static void other_kinds(void **state)
{
    (void)state;
    uint64_t value = 0x1234;
    abx_exit exit = { .kind = ABX_EXIT_MSR_WRITE, .msr = { .index = 0xc0000080, .reason = 4, .data = &value } };
    expect(&exit, "msr-write 0xc0000080 (reason 4): 0x1234");
    exit.kind = ABX_EXIT_MSR_READ;
    expect(&exit, "msr-read 0xc0000080 (reason 4)");
    exit = (abx_exit){ .kind = ABX_EXIT_SYSTEM_EVENT,
                       .system_event = { .event = ABX_SYSTEM_RESET, .raw_type = 2, .data_count = 1, .data = { 5 } } };
    expect(&exit, "system-event reset (2): 0x5");
    exit = (abx_exit){ .kind = ABX_EXIT_IOAPIC_EOI, .eoi_vector = 48 };
    expect(&exit, "ioapic-eoi vector 48");
    exit = (abx_exit){ .kind = ABX_EXIT_HALT };
    expect(&exit, "halt");
    exit = (abx_exit){ .kind = ABX_EXIT_TIMER };
    expect(&exit, "timer");
    exit = (abx_exit){ .kind = ABX_EXIT_DATA_ABORT, .data_abort = { .address = 0x9000000, .syndrome = 0x46 } };
    expect(&exit, "data-abort at 0x9000000, syndrome 0x46");
    exit = (abx_exit){ .kind = ABX_EXIT_DEBUG, .debug = { .pc = 4, .syndrome = 0xd2000022, .address = 0x1238 } };
    expect(&exit, "debug exception 0 at 0x4, dr6 0x0, dr7 0x0, syndrome 0xd2000022, address 0x1238");
}

/* Counts that a backend should never give do not lead out of the structure. */
static void wild_counts_stay_inside(void **state)
{
    (void)state;
    char line[2048];
    abx_exit exit = { .kind = ABX_EXIT_INTERNAL_ERROR,
                      .internal_error = { .suberror = 99, .data_count = UINT32_MAX, .instruction_size = 255 } };
    assert_in_range(abx_exit_describe(&exit, line, sizeof(line)), 1, sizeof(line) - 1);
    exit = (abx_exit){ .kind = ABX_EXIT_SYSTEM_EVENT,
                       .system_event = { .event = (abx_system_event)77, .data_count = UINT32_MAX } };
    assert_in_range(abx_exit_describe(&exit, line, sizeof(line)), 1, sizeof(line) - 1);
}

static void length_is_that_of_the_whole_line(void **state)
{
    (void)state;
    char line[8];
    abx_exit exit = { .kind = ABX_EXIT_MMIO, .mmio = { .address = 0xfee00000, .size = 4 } };
    size_t whole = strlen("mmio read 4 at 0xfee00000");
    assert_int_equal(abx_exit_describe(&exit, line, sizeof(line)), whole);
    assert_string_equal(line, "mmio re");
    assert_int_equal(abx_exit_describe(&exit, line, 1), whole);
    assert_string_equal(line, "");
    assert_int_equal(abx_exit_describe(&exit, NULL, 0), whole);
    assert_int_equal(abx_exit_describe(NULL, line, sizeof(line)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name),       cmocka_unit_test(accesses_are_described_whole),
        cmocka_unit_test(failures_have_their_details), cmocka_unit_test(other_kinds),
        cmocka_unit_test(wild_counts_stay_inside),     cmocka_unit_test(length_is_that_of_the_whole_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
