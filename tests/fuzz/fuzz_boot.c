/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whatever a file may be that is to be booted: it opens and loads, or fails with a status. Of the first byte, bit 0 is
 * the architecture, bits 1 to 3 what the file is said to be, bits 4 and 5 the mode of a flat one, bit 6 whether there
 * is an initial RAM disk, and bit 7 whether the last 256 bytes are the device tree.
 */
#include "fuzz.h"
#include "loading.h"

#include "device_trees.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMORY = 32 << 20, TREE = 256 };

static abx_vm *machines[2];
static blob tree;

/* The path of a file in memory with this content. */
static const char *file_of(const uint8_t *bytes, size_t length)
{
    static char path[32];
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("image", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(pwrite(fd, bytes, length, 0), length);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

static void assert_documented(abx_status status)
{
    if (status != ABX_OK && status != ABX_ERR_FORMAT && status != ABX_ERR_NOT_SUPPORTED &&
        status != ABX_ERR_NO_MEMORY && status != ABX_ERR_RANGE && status != ABX_ERR_INVALID)
        abort();
}

static void load(abx_vm *vm, const abx_kernel *kernel, uint8_t mode, const uint8_t *end)
{
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    params.cmdline = "quiet";
    params.initrd = mode & 0x40 ? "/proc/self/cmdline" : NULL;
    if (vm == machines[1]) {
        params.device_tree = mode & 0x80 ? (const void *)(end - TREE) : tree.data;
        params.device_tree_size = mode & 0x80 ? TREE : tree.size;
    }
    assert_documented(abx_boot_load(vm, kernel, &params, &entry));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 + TREE)
        return 0;
    if (!machines[0]) {
        tree = device_tree_make();
        machines[0] = fake_vm_for(ABX_ARCH_X86_64, MEMORY);
        machines[1] = fake_vm_for(ABX_ARCH_ARM64, MEMORY);
    }
    uint8_t mode = data[0];
    abx_kernel_options options = OPTIONS_FOR(mode & 1 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64);
    options.kind = (abx_image_kind)((mode >> 1 & 7) % (ABX_IMAGE_ELF + 1));
    options.flat_mode = (abx_flat_mode)((mode >> 4 & 3) % 3);
    options.cache = "";
    abx_kernel *kernel;
    abx_status status = abx_kernel_open(&kernel, file_of(data + 1, size - 1), &options);
    assert_documented(status);
    if (status != ABX_OK)
        return 0;
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    if (info->load_low >= info->load_high || !memchr(info->version, '\0', sizeof(info->version)))
        abort();
    load(machines[mode & 1], kernel, mode, data + size);
    abx_kernel_close(kernel);
    return 0;
}
