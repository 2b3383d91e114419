/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_trees.h"

#include "boot/arm64/device_tree.h"

static const abx_guest_map map = { .count = 3,
                                   .entries = {
                                       { 0x40000000, 0x10000000, ABX_GUEST_MAP_RAM },
                                       { 0x60000000, 0x1000, ABX_GUEST_MAP_RESERVED },
                                       { 0x880000000, 0x200000000, ABX_GUEST_MAP_RAM },
                                   } };

/* Completes `given`; `*out` is the caller's. */
static abx_status complete(const blob *given, const abx_chosen *chosen, blob *out)
{
    size_t room = abx_device_tree_room(given->size, &map, chosen->cmdline);
    *out = (blob){ 0 };
    blob_resize(out, room);
    return abx_device_tree_complete(out->data, room, given->data, given->size, &map, chosen);
}

static void test_memory_and_chosen(void **state)
{
    (void)state;
    const abx_chosen chosen = { .cmdline = "console=ttyAMA0", .initrd = 0x48000000, .initrd_length = 0x1234 };
    blob given = device_tree_make();
    blob tree;
    assert_ok(complete(&given, &chosen, &tree));
    assert_int_equal(fdt_check_full(tree.data, tree.size), 0);
    assert_string_equal(device_tree_property(&tree, "/chosen", "bootargs", 16), "console=ttyAMA0");
    assert_memory_equal(device_tree_property(&tree, "/chosen", "linux,initrd-start", 8), "\0\0\0\0\x48\0\0\0", 8);
    assert_memory_equal(device_tree_property(&tree, "/chosen", "linux,initrd-end", 8), "\0\0\0\0\x48\0\x12\x34", 8);
    assert_memory_equal(device_tree_property(&tree, "/memory@40000000", "reg", 32),
                        "\0\0\0\0\x40\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\x08\x80\0\0\0\0\0\0\x02\0\0\0\0", 32);
    assert_string_equal(device_tree_property(&tree, "/memory@40000000", "device_type", 7), "memory");
    assert_string_equal(device_tree_property(&tree, "/device", "name-of-mine", 5), "kept");
    blob_free(&tree);
    blob_free(&given);
}

static void test_seeds_differ(void **state)
{
    (void)state;
    const abx_chosen chosen = { .cmdline = "" };
    blob given = device_tree_make();
    blob trees[2];
    for (int i = 0; i < 2; i++) {
        assert_ok(complete(&given, &chosen, &trees[i]));
        assert_null(fdt_getprop(trees[i].data, fdt_path_offset(trees[i].data, "/chosen"), "bootargs", NULL));
        assert_null(fdt_getprop(trees[i].data, fdt_path_offset(trees[i].data, "/chosen"), "linux,initrd-end", NULL));
    }
    assert_memory_not_equal(device_tree_property(&trees[0], "/chosen", "rng-seed", 32),
                            device_tree_property(&trees[1], "/chosen", "rng-seed", 32), 32);
    assert_memory_not_equal(device_tree_property(&trees[0], "/chosen", "kaslr-seed", 8),
                            device_tree_property(&trees[1], "/chosen", "kaslr-seed", 8), 8);
    blob_free(&trees[0]);
    blob_free(&trees[1]);
    blob_free(&given);
}

/* What somebody else has said of memory and command line gives way. */
static void test_complete_again(void **state)
{
    (void)state;
    const abx_chosen first = { .cmdline = "first", .initrd = 0x40000000, .initrd_length = 1 };
    const abx_chosen second = { .cmdline = "second", .initrd = 0x41000000, .initrd_length = 2 };
    blob given = device_tree_make();
    blob once, twice;
    assert_ok(complete(&given, &first, &once));
    blob_resize(&once, fdt_totalsize(once.data));
    assert_ok(complete(&once, &second, &twice));
    assert_string_equal(device_tree_property(&twice, "/chosen", "bootargs", 7), "second");
    assert_memory_equal(device_tree_property(&twice, "/chosen", "linux,initrd-end", 8), "\0\0\0\0\x41\0\0\x02", 8);
    device_tree_property(&twice, "/memory@40000000", "reg", 32);
    blob_free(&twice);
    blob_free(&once);
    blob_free(&given);
}

static void test_full_map_and_long_command_line(void **state)
{
    (void)state;
    abx_guest_map full = { .count = ABX_GUEST_MAP_MAX };
    for (size_t i = 0; i < ABX_GUEST_MAP_MAX; i++) {
        full.entries[i] = (abx_guest_map_entry){ 0x40000000 + i * 0x2000, 0x1000, ABX_GUEST_MAP_RAM };
    }
    char cmdline[5000];
    memset(cmdline, 'a', sizeof(cmdline));
    cmdline[sizeof(cmdline) - 1] = '\0';
    const abx_chosen chosen = { .cmdline = cmdline, .initrd = 1, .initrd_length = 1 };
    blob given = device_tree_make();
    blob tree = { 0 };
    size_t room = abx_device_tree_room(given.size, &full, cmdline);
    blob_resize(&tree, room);
    assert_ok(abx_device_tree_complete(tree.data, room, given.data, given.size, &full, &chosen));
    assert_string_equal(device_tree_property(&tree, "/chosen", "bootargs", sizeof(cmdline)), cmdline);
    device_tree_property(&tree, "/memory@40000000", "reg", 16 * ABX_GUEST_MAP_MAX);
    for (size_t capacity = 0; capacity < room; capacity += 61) {
        abx_status status = abx_device_tree_complete(tree.data, capacity, given.data, given.size, &full, &chosen);
        if (status != ABX_OK) {
            assert_failed(ABX_ERR_LIMIT, status);
        }
    }
    blob_free(&tree);
    blob_free(&given);
}

static void test_damaged_trees(void **state)
{
    (void)state;
    const abx_chosen chosen = { .cmdline = "quiet", .initrd = 1, .initrd_length = 1 };
    blob given = device_tree_make();
    blob tree;
    uint32_t seed = 1;
    unsigned whole = 0;
    for (unsigned round = 0; round < 5000; round++) {
        blob mutant = blob_copy(&given);
        for (uint32_t flips = next_random(&seed) % 4; flips < 4; flips++) {
            mutant.data[next_random(&seed) % mutant.size] ^= (uint8_t)(1 << next_random(&seed) % 8);
        }
        if (next_random(&seed) % 8 == 0) {
            blob_resize(&mutant, next_random(&seed) % mutant.size);
        }
        abx_status status = complete(&mutant, &chosen, &tree);
        if (status != ABX_OK && status != ABX_ERR_LIMIT) {
            assert_failed(ABX_ERR_FORMAT, status);
        }
        whole += status == ABX_OK;
        blob_free(&tree);
        blob_free(&mutant);
    }
    print_message("%u of 5000 were taken\n", whole);
    assert_true(whole < 5000);
    blob_free(&given);
}

static void test_other_cells_are_refused(void **state)
{
    (void)state;
    const abx_chosen chosen = { .cmdline = "" };
    blob given = device_tree_make();
    blob tree;
    assert_int_equal(fdt_setprop_inplace_u32(given.data, 0, "#size-cells", 1), 0);
    assert_failed(ABX_ERR_FORMAT, complete(&given, &chosen, &tree));
    blob_free(&tree);
    blob_free(&given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_and_chosen), cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_complete_again),    cmocka_unit_test(test_full_map_and_long_command_line),
        cmocka_unit_test(test_damaged_trees),     cmocka_unit_test(test_other_cells_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
