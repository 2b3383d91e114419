/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_trees.h"

blob device_tree_make(void)
{
    blob tree = { 0 };
    blob_resize(&tree, 4096);
    assert_int_equal(fdt_create_empty_tree(tree.data, (int)tree.size), 0);
    assert_int_equal(fdt_setprop_u32(tree.data, 0, "#address-cells", 2), 0);
    assert_int_equal(fdt_setprop_u32(tree.data, 0, "#size-cells", 2), 0);
    int device = fdt_add_subnode(tree.data, 0, "device");
    assert_true(device > 0);
    assert_int_equal(fdt_setprop_string(tree.data, device, "name-of-mine", "kept"), 0);
    assert_int_equal(fdt_pack(tree.data), 0);
    blob_resize(&tree, fdt_totalsize(tree.data));
    return tree;
}

const void *device_tree_property(const blob *tree, const char *path, const char *name, size_t length)
{
    int there = 0;
    int node = fdt_path_offset(tree->data, path);
    const void *value = node < 0 ? NULL : fdt_getprop(tree->data, node, name, &there);
    if (!value || there != (int)length) {
        fail_msg("%s of %s: %d bytes instead of %zu", name, path, there, length);
    }
    return value;
}
