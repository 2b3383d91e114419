/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gicv3_test.h"

#include "gicv3/state.h"

static void offsets_lead_to_banks(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset;
        uint32_t bank;
    } there[] = {
        { GICD_IGROUPR, 0 },
        { GICD_IGROUPR + 0x7f, 31 },
        { GICD_ISENABLER + 4, 1 },
        { GICD_ICACTIVER + 0x7c, 31 },
        { GICD_IPRIORITYR + 31, 0 },
        { GICD_IPRIORITYR + 32, 1 },
        { 0x7ff, 31 },
        { GICD_ICFGR + 7, 0 },
        { GICD_ICFGR + 8, 1 },
        { GICD_ICFGR + 0xff, 31 },
    };
    static const uint32_t absent[] = { 0, 4, 0x7f, 0x800, 0xbff, 0xd00, 0xe00, 0xffe8, 0x10080, UINT32_MAX };
    uint32_t bank = 77;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_false(abx_gicv3_bank_find(absent[i], &bank));
    assert_int_equal(bank, 77);
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
        assert_true(abx_gicv3_bank_find(there[i].offset, &bank));
        assert_int_equal(bank, there[i].bank);
    }
}

static void each_array_is_a_field(void **state)
{
    (void)state;
    abx_gicv3_bank bank = { .group1 = 1, .enabled = 2, .latched = 4, .active = 8, .level = 0x30, .edge = 0x20 };
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_IGROUPR, 4), 1);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ISENABLER, 4), 2);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ICENABLER, 4), 2);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ISPENDR, 4), 0x14); /* a level that edges make pending is none */
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ICPENDR, 4), 0x14);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ISACTIVER, 4), 8);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ICACTIVER, 4), 8);
    assert_int_equal(abx_gicv3_bank_read(&bank, GICD_ICFGR, 4), 0x800);
    abx_gicv3_bank_write(&bank, GICD_IGROUPR, 4, 0xf0);
    abx_gicv3_bank_write(&bank, GICD_ISENABLER, 4, 0xf0);
    abx_gicv3_bank_write(&bank, GICD_ICENABLER, 4, 0x12);
    abx_gicv3_bank_write(&bank, GICD_ISPENDR, 4, 0x80);
    abx_gicv3_bank_write(&bank, GICD_ICPENDR, 4, 0x14);
    abx_gicv3_bank_write(&bank, GICD_ISACTIVER, 4, 0xf0);
    abx_gicv3_bank_write(&bank, GICD_ICACTIVER, 4, 0x18);
    abx_gicv3_bank_write(&bank, GICD_ICFGR + 4, 4, 0x40000002);
    assert_int_equal(bank.group1, 0xf0);
    assert_int_equal(bank.enabled, 0xe0);
    assert_int_equal(bank.latched, 0x80);
    assert_int_equal(bank.level, 0x30);
    assert_int_equal(bank.active, 0xe0);
    assert_int_equal(bank.edge, 0x10020); /* the lower bit of a pair is none */
}

static void lines_make_levels_and_edges(void **state)
{
    (void)state;
    abx_gicv3_bank bank = { .edge = 2 };
    abx_gicv3_bank_set_line(&bank, 1, true);
    abx_gicv3_bank_set_line(&bank, 2, true);
    assert_int_equal(bank.level, 3);
    assert_int_equal(bank.latched, 2);
    bank.latched = 0;
    abx_gicv3_bank_set_line(&bank, 2, true);
    assert_int_equal(bank.latched, 0);
    abx_gicv3_bank_set_line(&bank, 1, false);
    abx_gicv3_bank_set_line(&bank, 2, false);
    assert_int_equal(bank.level, 0);
    abx_gicv3_bank_set_line(&bank, 2, true);
    assert_int_equal(bank.latched, 2);
}

static void other_sizes_are_nothing(void **state)
{
    (void)state;
    const abx_gicv3_bank before = { .group1 = UINT32_MAX, .edge = 5, .priority = { 8, 16 } };
    abx_gicv3_bank bank = before;
    for (uint32_t offset = GICD_IGROUPR; offset < 0xd00; offset++) {
        for (uint32_t size = 1; size <= 8; size++) {
            uint32_t number;
            bool priority = offset >= GICD_IPRIORITYR && offset < 0x800;
            bool defined = (size == 4 && offset % 4 == 0) || (size == 1 && priority);
            if (defined || !abx_gicv3_bank_find(offset, &number))
                continue;
            assert_int_equal(abx_gicv3_bank_read(&bank, offset, size), 0);
            abx_gicv3_bank_write(&bank, offset, size, 0x5a5a5a5a);
        }
    }
    assert_memory_equal(&bank, &before, sizeof(bank));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_lead_to_banks),
        cmocka_unit_test(each_array_is_a_field),
        cmocka_unit_test(lines_make_levels_and_edges),
        cmocka_unit_test(other_sizes_are_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
