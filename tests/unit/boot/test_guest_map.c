/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"
#include "fake_backend.h"

#include "boot/guest_map.h"
#include "boot/x86_64/layout.h"

static abx_status build(abx_vm *vm, abx_guest_map *map)
{
    abx_ram ram;
    assert_ok(abx_ram_open(&ram, vm));
    abx_status status = abx_guest_map_build(map, &ram, ABX_LAYOUT_LEGACY, ABX_LAYOUT_LEGACY_END);
    abx_ram_free(&ram);
    return status;
}

static void assert_entry(const abx_guest_map *map, size_t index, abx_gpa gpa, abx_gpa end, uint32_t type)
{
    assert_true(index < map->count);
    assert_int_equal(map->entries[index].gpa, gpa);
    assert_int_equal(map->entries[index].gpa + map->entries[index].length, end);
    assert_int_equal(map->entries[index].type, type);
}

static void test_a_pc(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_vm *vm = fake_vm(64 << 20);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 3);
    assert_entry(&map, 0, 0, 0x9fc00, ABX_GUEST_MAP_RAM);
    assert_entry(&map, 1, 0x9fc00, 0x100000, ABX_GUEST_MAP_RESERVED);
    assert_entry(&map, 2, 0x100000, 64 << 20, ABX_GUEST_MAP_RAM);
    assert_true(abx_guest_map_holds(&map, 0, 0x9fc00));
    assert_false(abx_guest_map_holds(&map, 0, 0x9fc01));
    assert_false(abx_guest_map_holds(&map, 0xe0000, 1));
    assert_true(abx_guest_map_holds(&map, 0x100000, 63 << 20));
    assert_false(abx_guest_map_holds(&map, 0x100000, UINT64_MAX));
    assert_false(abx_guest_map_holds(&map, 64 << 20, 1));
    fake_vm_end(vm);
}

static void test_around_the_device_hole(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_vm *vm = fake_vm(5ull << 30);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 4);
    assert_entry(&map, 2, 0x100000, 3ull << 30, ABX_GUEST_MAP_RAM);
    assert_entry(&map, 3, 4ull << 30, 6ull << 30, ABX_GUEST_MAP_RAM);
    fake_vm_end(vm);
}

static void test_less_than_a_megabyte(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_vm *vm = fake_vm(0x80000);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 1);
    assert_entry(&map, 0, 0, 0x80000, ABX_GUEST_MAP_RAM);
    fake_vm_end(vm);
    vm = fake_vm(0);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 0);
    fake_add(vm, 0xf0000, 0x20000, 0);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 2);
    assert_entry(&map, 0, 0xf0000, 0x100000, ABX_GUEST_MAP_RESERVED);
    assert_entry(&map, 1, 0x100000, 0x110000, ABX_GUEST_MAP_RAM);
    fake_vm_end(vm);
}

static void test_read_only_memory_is_reserved(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_vm *vm = fake_vm(4 << 20);
    fake_add(vm, 0xfffc0000, 0x40000, ABX_MEMORY_READ_ONLY);
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 4);
    assert_entry(&map, 3, 0xfffc0000, 0x100000000, ABX_GUEST_MAP_RESERVED);
    fake_vm_end(vm);
}

static void test_without_a_hole(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_ram ram;
    abx_vm *vm = fake_vm(64 << 20);
    assert_ok(abx_ram_open(&ram, vm));
    assert_ok(abx_guest_map_build(&map, &ram, 0, 0));
    assert_int_equal(map.count, 1);
    assert_entry(&map, 0, 0, 64 << 20, ABX_GUEST_MAP_RAM);
    abx_ram_free(&ram);
    fake_vm_end(vm);
}

static void test_merges_and_counts(void **state)
{
    (void)state;
    abx_guest_map map;
    abx_vm *vm = fake_vm(0);
    for (abx_gpa i = 0; i < 300; i++) { /* adjoining: one range */
        fake_add(vm, 0x10000000 + i * 0x1000, 0x1000, 0);
    }
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, 1);
    assert_entry(&map, 0, 0x10000000, 0x10000000 + 300 * 0x1000, ABX_GUEST_MAP_RAM);
    for (abx_gpa i = 0; i < ABX_GUEST_MAP_MAX - 1; i++) { /* apart */
        fake_add(vm, 0x20000000 + i * 0x2000, 0x1000, 0);
    }
    assert_ok(build(vm, &map));
    assert_int_equal(map.count, ABX_GUEST_MAP_MAX);
    fake_add(vm, 0x40000000, 0x1000, 0);
    assert_failed_saying(ABX_ERR_RANGE, "128", build(vm, &map));
    fake_vm_end(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pc),
        cmocka_unit_test(test_around_the_device_hole),
        cmocka_unit_test(test_less_than_a_megabyte),
        cmocka_unit_test(test_read_only_memory_is_reserved),
        cmocka_unit_test(test_without_a_hole),
        cmocka_unit_test(test_merges_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
