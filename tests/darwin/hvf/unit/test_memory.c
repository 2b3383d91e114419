/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#define SECOND UINT64_C(0x41000000)
#define ALL    (HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC)

static abx_memory_region region_of(abx_gpa gpa, uint64_t length)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = gpa;
    region.length = length;
    return region;
}

static void ram_is_mapped(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(fake_mapped(), RIG_RAM_SIZE / FAKE_PAGE);
    assert_int_equal(fake_mapping(RIG_RAM)->flags, ALL);
    abx_memory_guard guard = abx_memory_enter(rig->vm);
    assert_ptr_equal(abx_memory_at(rig->vm, RIG_RAM + FAKE_PAGE, 1, true), fake_mapping(RIG_RAM + FAKE_PAGE)->host);
    abx_memory_leave(rig->vm, guard);
}

static void memory_comes_and_goes_while_it_runs(void **state)
{
    hvf_rig *rig = *state;
    abx_memory_region region = region_of(SECOND, RIG_RAM_SIZE);
    assert_int_equal(abx_memory_add(rig->vm, &region), ABX_OK);
    assert_non_null(fake_mapping(SECOND + RIG_RAM_SIZE - 1));
    assert_int_equal(abx_memory_remove(rig->vm, SECOND), ABX_OK);
    assert_null(fake_mapping(SECOND));
    assert_int_equal(abx_memory_add(rig->vm, &region), ABX_OK);
    assert_non_null(fake_mapping(SECOND));
}

static void other_alignments_are_refused(void **state)
{
    hvf_rig *rig = *state;
    static const struct {
        abx_gpa gpa;
        uint64_t length;
    } cases[] = { { SECOND + 4096, FAKE_PAGE }, { SECOND, 4096 }, { SECOND, FAKE_PAGE + 4096 }, { SECOND + 1, 1 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_memory_region region = region_of(cases[i].gpa, cases[i].length);
        assert_fails(abx_memory_add(rig->vm, &region), ABX_ERR_INVALID, "multiples of the page size");
    }
    static char memory[2 * FAKE_PAGE] __attribute__((aligned(FAKE_PAGE)));
    abx_memory_region host = region_of(SECOND, FAKE_PAGE);
    host.backing = ABX_BACKING_HOST;
    host.host = memory + 4096;
    assert_fails(abx_memory_add(rig->vm, &host), ABX_ERR_INVALID, "page-aligned");
    host.host = memory;
    assert_int_equal(abx_memory_add(rig->vm, &host), ABX_OK);
}

static void what_is_refused_is_not_kept(void **state)
{
    hvf_rig *rig = *state;
    abx_memory_region region = region_of(SECOND, RIG_RAM_SIZE);
    fake.fail_at = fake.calls + 1;
    fake.fail_with = HV_NO_RESOURCES;
    assert_fails(abx_memory_add(rig->vm, &region), ABX_ERR_NO_MEMORY,
                 "map guest memory at 0x41000000 of 2097152 bytes");
    assert_null(fake_mapping(SECOND));
    assert_int_equal(abx_memory_add(rig->vm, &region), ABX_OK);
    fake.fail_at = fake.calls + 1;
    fake.fail_with = HV_ERROR;
    assert_fails(abx_memory_remove(rig->vm, SECOND), ABX_ERR_SYSTEM, "unmap guest memory at 0x41000000");
    assert_non_null(fake_mapping(SECOND));
    assert_int_equal(abx_memory_remove(rig->vm, SECOND), ABX_OK);
}

static void addresses_end_where_the_framework_ends_them(void **state)
{
    hvf_rig *rig = *state;
    abx_memory_region region = region_of(UINT64_C(1) << 40, FAKE_PAGE);
    assert_fails(abx_memory_add(rig->vm, &region), ABX_ERR_RANGE, "guest addresses have 40 bits");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(ram_is_mapped),
        CASE(memory_comes_and_goes_while_it_runs),
        CASE(other_alignments_are_refused),
        CASE(what_is_refused_is_not_kept),
        CASE(addresses_end_where_the_framework_ends_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
