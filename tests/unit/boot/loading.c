/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loading.h"

abx_kernel *open_image(const blob *image, const abx_kernel_options *options)
{
    abx_kernel_options uncached = OPTIONS_FOR(ABX_ARCH_X86_64);
    abx_kernel *kernel;
    if (options) {
        uncached = *options;
    }
    uncached.cache = "";
    assert_ok(abx_kernel_open(&kernel, scratch_write("image", image), &uncached));
    return kernel;
}

abx_status load_image(abx_vm *vm, const blob *image, const abx_kernel_options *options, const abx_boot_params *params,
                      abx_boot_entry *entry)
{
    abx_kernel *kernel = open_image(image, options);
    abx_status status = abx_boot_load(vm, kernel, params, entry);
    abx_kernel_close(kernel);
    return status;
}

void assert_segments(abx_vm *vm, const image_elf *elf, const blob *image)
{
    size_t offset = IMAGE_SEGMENT_OFFSET;
    for (unsigned i = 0; i < IMAGE_SEGMENTS && elf->segments[i].memory_length > 0; i++) {
        const image_segment *segment = &elf->segments[i];
        assert_guest(vm, segment->paddr, image->data + offset, segment->file_length);
        assert_guest_zero(vm, segment->paddr + segment->file_length, segment->memory_length - segment->file_length);
        offset += (segment->file_length + 0xfff) & ~(size_t)0xfff;
    }
}

void assert_gdt(abx_vm *vm, abx_gpa gdt, bool wide)
{
    assert_int_equal(guest_le(vm, gdt, 8), 0);
    assert_int_equal(guest_le(vm, gdt + 0x10, 8), wide ? 0x00af9b000000ffff : 0x00cf9b000000ffff);
    assert_int_equal(guest_le(vm, gdt + 0x18, 8), 0x00cf93000000ffff);
    assert_int_equal(guest_le(vm, gdt + 0x20, 8), 0x00008b0000000067);
    assert_int_equal(guest_le(vm, gdt + 0x28, 8), 0);
}

static abx_gpa translate(abx_vm *vm, abx_gpa table, uint64_t address)
{
    const unsigned shifts[] = { 39, 30, 21 };
    for (size_t i = 0; i < 3; i++) {
        uint64_t entry = guest_le(vm, table + 8 * ((address >> shifts[i]) & 511), 8);
        if ((entry & 3) != 3) {
            return UINT64_MAX;
        }
        table = entry & 0x000ffffffffff000;
        if (entry & 0x80) {
            assert_int_equal(shifts[i], 21);
        }
    }
    return table + (address & 0x1fffff);
}

void assert_identity(abx_vm *vm, abx_gpa page_tables)
{
    for (uint64_t address = 0; address < 4ull << 30; address += (1 << 21) + 0x1001) {
        assert_int_equal(translate(vm, page_tables, address), address);
    }
    assert_int_equal(translate(vm, page_tables, 0xffffffff), 0xffffffff);
    assert_int_equal(translate(vm, page_tables, 4ull << 30), UINT64_MAX);
    assert_int_equal(translate(vm, page_tables, 1ull << 39), UINT64_MAX);
}
