/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_tree.h"

#include "boot/boot_os.h"
#include "fdt/status.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum {
    NAMES = 1024, /* nodes, properties and their names, generously */
    RANGE = 16,   /* of memory: address and size */

    RNG_SEED = 32,
    KASLR_SEED = 8,
};

size_t abx_device_tree_room(size_t size, const abx_guest_map *map, const char *cmdline)
{
    return size + map->count * RANGE + strlen(cmdline) + NAMES;
}

/* Devicetree Specification 0.4, section 3.4. */
static int remove_memory(void *tree)
{
    static const char type[] = "memory";
    int node;
    int error = 0;
    do {
        node = fdt_node_offset_by_prop_value(tree, -1, "device_type", type, sizeof(type));
        error = node < 0 ? node : fdt_del_node(tree, node);
    } while (error == 0);
    return error == -FDT_ERR_NOTFOUND ? 0 : error;
}

static int put_memory(void *tree, const abx_guest_map *map)
{
    char name[32];
    int node = 0;
    int error = 0;
    for (size_t i = 0; i < map->count && error == 0; i++) {
        const abx_guest_map_entry *entry = &map->entries[i];
        if (entry->type != ABX_GUEST_MAP_RAM) {
            continue;
        }
        if (node == 0) {
            (void)snprintf(name, sizeof(name), "memory@%" PRIx64, entry->gpa);
            node = fdt_add_subnode(tree, 0, name);
            error = node < 0 ? node : fdt_setprop_string(tree, node, "device_type", "memory");
        }
        if (error == 0) {
            error = fdt_appendprop_u64(tree, node, "reg", entry->gpa);
        }
        if (error == 0) {
            error = fdt_appendprop_u64(tree, node, "reg", entry->length);
        }
    }
    return error;
}

/* Without seeds the kernel waits for entropy, and lies where everybody expects it. */
static int put_seeds(void *tree, int chosen)
{
    uint8_t seeds[RNG_SEED + KASLR_SEED];
    if (!abx_boot_os_random(seeds, sizeof(seeds))) {
        return 0;
    }
    int error = fdt_setprop(tree, chosen, "rng-seed", seeds, RNG_SEED);
    return error ? error : fdt_setprop(tree, chosen, "kaslr-seed", seeds + RNG_SEED, KASLR_SEED);
}

/* Linux, Documentation/devicetree/bindings/chosen.txt. */
static int put_chosen(void *tree, const abx_chosen *chosen)
{
    int node = fdt_path_offset(tree, "/chosen");
    if (node == -FDT_ERR_NOTFOUND) {
        node = fdt_add_subnode(tree, 0, "chosen");
    }
    int error = node < 0 ? node : put_seeds(tree, node);
    if (error == 0 && chosen->cmdline[0]) {
        error = fdt_setprop(tree, node, "bootargs", chosen->cmdline, (int)strlen(chosen->cmdline) + 1);
    }
    if (error == 0 && chosen->initrd_length > 0) {
        error = fdt_setprop_u64(tree, node, "linux,initrd-start", chosen->initrd);
        if (error == 0) {
            error = fdt_setprop_u64(tree, node, "linux,initrd-end", chosen->initrd + chosen->initrd_length);
        }
    }
    return error;
}

/* A copy that libfdt can be let loose on. */
static int copy(void *out, size_t capacity, const void *tree, size_t size)
{
    if (size > capacity) {
        return -FDT_ERR_NOSPACE;
    }
    memcpy(out, tree, size);
    int error = fdt_check_full(out, size);
    return error ? error : fdt_open_into(out, out, (int)capacity);
}

abx_status abx_device_tree_complete(void *out, size_t capacity, const void *tree, size_t size, const abx_guest_map *map,
                                    const abx_chosen *chosen)
{
    int error = copy(out, capacity, tree, size);
    if (error == 0 && (fdt_address_cells(out, 0) != 2 || fdt_size_cells(out, 0) != 2)) {
        error = -FDT_ERR_BADNCELLS;
    }
    if (error == 0) {
        error = remove_memory(out);
    }
    if (error == 0) {
        error = put_memory(out, map);
    }
    if (error == 0) {
        error = put_chosen(out, chosen);
    }
    if (error == 0) {
        error = fdt_pack(out);
    }
    return abx_fdt_status(error, "complete the device tree");
}
