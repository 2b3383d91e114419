/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_slots.h"

#include "fake_backend.h"

static void gives_the_lowest_free_slot(void **state)
{
    (void)state;
    abx_slot_set set = ABX_SLOT_SET_INIT(200);
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t slot;
        assert_int_equal(abx_slot_set_take(&set, &slot), ABX_OK);
        assert_int_equal(slot, i);
    }
    abx_slot_set_give(&set, 150);
    abx_slot_set_give(&set, 63);
    abx_slot_set_give(&set, 64);
    static const uint32_t expected[] = { 63, 64, 150 };
    for (size_t i = 0; i < 3; i++) {
        uint32_t slot;
        assert_int_equal(abx_slot_set_take(&set, &slot), ABX_OK);
        assert_int_equal(slot, expected[i]);
    }
    abx_slot_set_end(&set);
}

static void ends_at_the_limit(void **state)
{
    (void)state;
    static const uint32_t limits[] = { 0, 1, 63, 64, 65 };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        abx_slot_set set = ABX_SLOT_SET_INIT(limits[i]);
        uint32_t slot = 1000;
        for (uint32_t n = 0; n < limits[i]; n++) {
            assert_int_equal(abx_slot_set_take(&set, &slot), ABX_OK);
        }
        uint32_t last = slot;
        assert_failed(abx_slot_set_take(&set, &slot), ABX_ERR_LIMIT, "slots");
        assert_int_equal(slot, last);
        abx_slot_set_end(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_lowest_free_slot),
        cmocka_unit_test(ends_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
