/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/elf_image.h"

#include <elf.h>
#include <unistd.h>

static const image_elf small = { .machine = EM_X86_64,
                                 .entry = 0x100010,
                                 .segments = { { .paddr = 0x100000, .file_length = 0x200, .memory_length = 0x3000 } },
                                 .linux_note = true,
                                 .pvh_entry = 0x100020 };

static abx_status parse(const blob *image, abx_elf *elf)
{
    abx_source source = scratch_source("elf", image);
    abx_status status = abx_elf_parse(elf, &source, ABX_ARCH_X86_64);
    abx_source_close(&source);
    return status;
}

static void assert_refused(const blob *image, const char *text)
{
    abx_elf elf;
    assert_failed_saying(ABX_ERR_FORMAT, text, parse(image, &elf));
}

static void test_64_bit(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_elf elf;
    assert_ok(parse(&image, &elf));
    assert_true(elf.wide);
    assert_int_equal(elf.machine, ABX_ELF_X86_64);
    assert_int_equal(elf.entry, 0x1000040);
    assert_true(elf.is_linux);
    assert_true(elf.has_pvh);
    assert_int_equal(elf.pvh_entry, 0x1000080);
    assert_int_equal(elf.runs.count, 2);
    assert_int_equal(elf.runs.items[0].gpa, 0x1000000);
    assert_int_equal(elf.runs.items[0].offset, IMAGE_SEGMENT_OFFSET);
    assert_int_equal(elf.runs.items[0].file_length, 0xa0000);
    assert_int_equal(elf.runs.items[1].gpa, 0x1200000);
    assert_int_equal(elf.runs.items[1].memory_length, 0x8000);
    abx_elf_free(&elf);
    blob_free(&image);
}

static void test_32_bit(void **state)
{
    (void)state;
    const image_elf made = {
        .narrow = true,
        .machine = EM_386,
        .entry = 0x100010,
        .segments = { { .paddr = 0x100000, .vaddr = 0x100000, .file_length = 0x2000, .memory_length = 0x3000 } },
        .pvh_entry = 0x100020
    };
    blob image = image_make_elf(&made);
    abx_elf elf;
    assert_ok(parse(&image, &elf));
    assert_false(elf.wide);
    assert_int_equal(elf.machine, ABX_ELF_I386);
    assert_int_equal(elf.entry, 0x100010);
    assert_false(elf.is_linux);
    assert_true(elf.has_pvh);
    assert_int_equal(elf.pvh_entry, 0x100020);
    assert_int_equal(elf.runs.count, 1);
    abx_elf_free(&elf);
    blob_free(&image);
}

static void test_virtual_entry(void **state)
{
    (void)state;
    image_elf made = image_linux;
    made.entry = 0xffffffff81200123;
    blob image = image_make_elf(&made);
    abx_elf elf;
    assert_ok(parse(&image, &elf));
    assert_int_equal(elf.entry, 0x1200123);
    abx_elf_free(&elf);
    blob_free(&image);
}

static void test_other_architectures_are_named(void **state)
{
    (void)state;
    image_elf made = image_linux;
    made.machine = EM_AARCH64;
    blob image = image_make_elf(&made);
    assert_refused(&image, "arm64");
    blob_put_le(&image, offsetof(Elf64_Ehdr, e_machine), 2, EM_RISCV);
    assert_refused(&image, "riscv");
    blob_put_le(&image, offsetof(Elf64_Ehdr, e_machine), 2, 0x1234);
    assert_refused(&image, "unknown architecture");
    image.data[EI_DATA] = ELFDATA2MSB;
    blob_put_le(&image, offsetof(Elf64_Ehdr, e_machine), 2, (uint64_t)EM_S390 << 8);
    assert_refused(&image, "s390x");
    blob_free(&image);
}

static void set_header(blob *image, size_t field, unsigned width, uint64_t value)
{
    blob_put_le(image, field, width, value);
}

static void set_program_header(blob *image, unsigned index, size_t field, uint64_t value)
{
    blob_put_le(image, sizeof(Elf64_Ehdr) + index * sizeof(Elf64_Phdr) + field, 8, value);
}

static void test_hostile_headers(void **state)
{
    (void)state;
    blob good = image_make_elf(&image_linux);
    const struct {
        size_t field;
        unsigned width;
        uint64_t value;
    } faults[] = {
        { EI_CLASS, 1, 0 },
        { EI_CLASS, 1, 3 },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_REL },
        { offsetof(Elf64_Ehdr, e_type), 2, ET_CORE },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 0 },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 0xffff },
        { offsetof(Elf64_Ehdr, e_phnum), 2, 129 },
        { offsetof(Elf64_Ehdr, e_phentsize), 2, 55 },
        { offsetof(Elf64_Ehdr, e_phentsize), 2, 0 },
        { offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX },
        { offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX - 100 },
        { offsetof(Elf64_Ehdr, e_phoff), 8, 1 << 30 },
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        blob image = blob_copy(&good);
        set_header(&image, faults[i].field, faults[i].width, faults[i].value);
        assert_refused(&image, "");
        blob_free(&image);
    }
    blob_free(&good);
}

static void test_hostile_segments(void **state)
{
    (void)state;
    blob good = image_make_elf(&image_linux);
    const struct {
        size_t field;
        uint64_t value;
        const char *text;
    } faults[] = {
        { offsetof(Elf64_Phdr, p_offset), UINT64_MAX, "end of the file" },
        { offsetof(Elf64_Phdr, p_offset), UINT64_MAX - 0x8000, "end of the file" },
        { offsetof(Elf64_Phdr, p_filesz), UINT64_MAX, "longer" },
        { offsetof(Elf64_Phdr, p_filesz), 0x9000, "longer" },
        { offsetof(Elf64_Phdr, p_memsz), 1, "longer" },
        { offsetof(Elf64_Phdr, p_memsz), UINT64_MAX, "last address" },
        { offsetof(Elf64_Phdr, p_paddr), UINT64_MAX, "last address" },
        { offsetof(Elf64_Phdr, p_paddr), 0x1000000, "overlaps" },
        { offsetof(Elf64_Phdr, p_paddr), 0x109ffff, "overlaps" },
        { offsetof(Elf64_Phdr, p_paddr), 0xff8001, "overlaps" },
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        blob image = blob_copy(&good);
        set_program_header(&image, 1, faults[i].field, faults[i].value);
        assert_refused(&image, faults[i].text);
        blob_free(&image);
    }
    blob_free(&good);
}

static void test_nothing_to_load(void **state)
{
    (void)state;
    image_elf made = image_linux;
    made.segments[0].memory_length = 0;
    blob image = image_make_elf(&made);
    assert_refused(&image, "nothing to load");
    blob_free(&image);
}

/* Notes with any lengths in them; what cannot be read is as if it were not there. */
static void test_hostile_notes(void **state)
{
    (void)state;
    const uint32_t lengths[] = { 0, 1, 3, 5, 0x7fffffff, 0xfffffff0, 0xffffffff };
    blob good = image_make_elf(&small);
    size_t notes = abx_get_le64(good.data + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 8);
    for (size_t at = notes; at < notes + 64; at += 4) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            blob image = blob_copy(&good);
            abx_elf elf;
            blob_put_le(&image, at, 4, lengths[i]);
            assert_ok(parse(&image, &elf));
            abx_elf_free(&elf);
            blob_free(&image);
        }
    }
    set_program_header(&good, 1, offsetof(Elf64_Phdr, p_offset), UINT64_MAX);
    assert_refused(&good, "notes");
    blob_free(&good);
}

static void test_truncated_anywhere(void **state)
{
    (void)state;
    blob image = image_make_elf(&small);
    while (image.size > 0) {
        blob_resize(&image, image.size - 1);
        assert_refused(&image, "");
    }
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_64_bit),
        cmocka_unit_test(test_32_bit),
        cmocka_unit_test(test_virtual_entry),
        cmocka_unit_test(test_other_architectures_are_named),
        cmocka_unit_test(test_hostile_headers),
        cmocka_unit_test(test_hostile_segments),
        cmocka_unit_test(test_nothing_to_load),
        cmocka_unit_test(test_hostile_notes),
        cmocka_unit_test(test_truncated_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
