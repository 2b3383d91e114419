/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening an image and loading it into a fake VM, for the tests of each kind. */
#ifndef TESTS_BOOT_LOADING_H
#define TESTS_BOOT_LOADING_H

#include "fake_backend.h"
#include "images.h"

#include <arcbox/boot.h>

/* Opens `image` without a cache; it must succeed. `options` may be NULL. */
abx_kernel *open_image(const blob *image, const abx_kernel_options *options);

/* Opens `image`, loads it, closes it. */
abx_status load_image(abx_vm *vm, const blob *image, const abx_kernel_options *options, const abx_boot_params *params,
                      abx_boot_entry *entry);

/* The file data of an image's segment, as image_make_elf() lays them out, is at its place in the guest; zeros follow.
 */
void assert_segments(abx_vm *vm, const image_elf *elf, const blob *image);

/* The bytes that the descriptor table at `gdt` must hold for 32-bit or 64-bit code. */
void assert_gdt(abx_vm *vm, abx_gpa gdt, bool wide);

/* The page tables map the first 4 GiB to themselves. */
void assert_identity(abx_vm *vm, abx_gpa page_tables);

#endif
