/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_region.h"

#include "fake_backend.h"

#include <stdlib.h>

static abx_status check(void **state, const abx_memory_region *region)
{
    const fake_space *fake = *state;
    return abx_region_check(region, &fake->caps);
}

static void refuses_what_is_no_region(void **state)
{
    assert_failed(check(state, NULL), ABX_ERR_INVALID, "ABX_MEMORY_REGION_INIT");
    abx_memory_region region = region_at(0, PAGE);
    assert_int_equal(check(state, &region), ABX_OK);
    region.size--;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "ABX_MEMORY_REGION_INIT");
    region = region_at(0x3000, PAGE);
    region.flags = 1u << 31;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "0x3000");
    region = region_at(0, PAGE);
    region.backing = (abx_backing)99;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "backing");
    region = region_at(0, PAGE);
    region.huge_pages = (abx_huge_pages)99;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "huge pages");
}

static void checks_length_and_alignment(void **state)
{
    abx_memory_region region = region_at(0, 0);
    assert_failed(check(state, &region), ABX_ERR_INVALID, "length");
    region = region_at(0x1001, PAGE);
    assert_failed(check(state, &region), ABX_ERR_INVALID, "multiples");
    region = region_at(0x1000, PAGE + 512);
    assert_failed(check(state, &region), ABX_ERR_INVALID, "multiples");
    region = region_at(0x1000, PAGE);
    region.backing = ABX_BACKING_FILE_SHARED;
    region.fd = 0;
    region.offset = 512;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "multiples");
    region = region_at(PAGE, UINT64_C(2) << 20);
    region.huge_pages = ABX_HUGE_2M;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "0x200000");
    region = region_at(0, UINT64_C(2) << 20);
    region.huge_pages = ABX_HUGE_1G;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "0x40000000");
}

static void ends_at_the_address_width(void **state)
{
    fake_space *fake = *state;
    abx_memory_region region = region_at((UINT64_C(1) << 40) - PAGE, PAGE);
    assert_int_equal(check(state, &region), ABX_OK);
    region.length = 2 * PAGE;
    assert_failed(check(state, &region), ABX_ERR_RANGE, "40 bits");
    region = region_at(UINT64_C(1) << 40, PAGE);
    assert_failed(check(state, &region), ABX_ERR_RANGE, "40 bits");
    region = region_at(PAGE, UINT64_MAX - PAGE + 1); /* ends at 2^64 */
    assert_failed(check(state, &region), ABX_ERR_RANGE, "40 bits");
    static const uint32_t unlimited[] = { 0, 64 };
    for (size_t i = 0; i < 2; i++) {
        fake->caps.phys_bits = unlimited[i];
        assert_int_equal(check(state, &region), ABX_OK);
        region.gpa += PAGE; /* wraps */
        assert_failed(check(state, &region), ABX_ERR_RANGE, "64 bits");
        region.gpa -= PAGE;
    }
}

static void backings_need_what_they_need(void **state)
{
    abx_memory_region region = region_at(0, PAGE);
    region.offset = PAGE;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "offset");
    region.offset = 0;
    region.backing = ABX_BACKING_FILE_PRIVATE;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "descriptor");
    region.fd = 0;
    region.length = UINT64_C(2) << 20;
    region.huge_pages = ABX_HUGE_2M;
    assert_failed(check(state, &region), ABX_ERR_NOT_SUPPORTED, "hugetlbfs");

    region = region_at(0, PAGE);
    region.backing = ABX_BACKING_HOST;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "host");
    region.host = (void *)(uintptr_t)0x10800;
    assert_failed(check(state, &region), ABX_ERR_INVALID, "host");
    region.host = (void *)(uintptr_t)0x10000;
    assert_int_equal(check(state, &region), ABX_OK);
    region.length = (UINT64_C(1) << 40) - PAGE;
    region.host = (void *)(UINTPTR_MAX - 2 * PAGE + 1);
    assert_failed(check(state, &region), ABX_ERR_INVALID, "host");
    region.length = PAGE;
    region.host = (void *)(uintptr_t)0x10000;
    region.huge_pages = ABX_HUGE_TRANSPARENT;
    assert_failed(check(state, &region), ABX_ERR_NOT_SUPPORTED, "caller's");
}

static void flags_need_their_capability(void **state)
{
    fake_space *fake = *state;
    abx_memory_region region = region_at(0, PAGE);
    region.flags = ABX_MEMORY_READ_ONLY | ABX_MEMORY_LOG_DIRTY;
    assert_int_equal(check(state, &region), ABX_OK);
    fake->caps.bits[0] &= ~(UINT64_C(1) << ABX_CAP_READ_ONLY_MEMORY);
    assert_failed(check(state, &region), ABX_ERR_NOT_SUPPORTED, "read-only");
    region.flags = ABX_MEMORY_LOG_DIRTY;
    assert_int_equal(check(state, &region), ABX_OK);
    fake->caps.bits[0] &= ~(UINT64_C(1) << ABX_CAP_DIRTY_LOG);
    assert_failed(check(state, &region), ABX_ERR_NOT_SUPPORTED, "written pages");
}

static void a_region_tells_about_itself(void **state)
{
    (void)state;
    abx_memory_region region = region_at(0x7000, 2 * PAGE);
    region.flags = ABX_MEMORY_LOG_DIRTY;
    region.backing = ABX_BACKING_MEMFD;
    abx_region *made;
    assert_int_equal(abx_region_new(&made, &region, 12), ABX_OK);
    abx_memory_info info = abx_region_info(made);
    assert_int_equal(info.gpa, 0x7000);
    assert_int_equal(info.length, 2 * PAGE);
    assert_int_equal(info.flags, ABX_MEMORY_LOG_DIRTY);
    assert_int_equal(info.backing, ABX_BACKING_MEMFD);
    assert_ptr_equal(info.host, made->memory.address);
    assert_true(info.fd >= 0);
    abx_region_mark(made, PAGE, 1);
    assert_int_equal(made->log->bits[0], 2);
    abx_region_free(made);
    abx_region_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_what_is_no_region, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(checks_length_and_alignment, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(ends_at_the_address_width, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(backings_need_what_they_need, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(flags_need_their_capability, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_region_tells_about_itself, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
