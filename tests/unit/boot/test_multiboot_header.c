/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/x86_64/multiboot_header.h"

static blob header_at(size_t at, uint32_t flags)
{
    blob image = { 0 };
    blob_put_le(&image, at, 4, 0x1badb002);
    blob_put_le(&image, at + 4, 4, flags);
    blob_put_le(&image, at + 8, 4, 0u - (0x1badb002 + flags));
    return image;
}

static void test_finds(void **state)
{
    (void)state;
    abx_multiboot_header header;
    const size_t places[] = { 0, 4, 0x1000, ABX_MULTIBOOT_SEARCH - 12 };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        blob image = header_at(places[i], 3);
        assert_true(abx_multiboot_header_find(&header, image.data, image.size));
        assert_int_equal(header.offset, places[i]);
        assert_int_equal(header.flags, 3);
        assert_false(abx_multiboot_header_find(&header, image.data, image.size - 1));
        blob_free(&image);
    }
}

static void test_does_not_find(void **state)
{
    (void)state;
    abx_multiboot_header header;
    blob image = header_at(2, 3);
    assert_false(abx_multiboot_header_find(&header, image.data, image.size)); /* not aligned */
    blob_free(&image);
    image = header_at(ABX_MULTIBOOT_SEARCH - 8, 3);
    assert_false(abx_multiboot_header_find(&header, image.data, image.size)); /* too far */
    blob_free(&image);
    image = header_at(0, 3);
    image.data[8]++;
    assert_false(abx_multiboot_header_find(&header, image.data, image.size)); /* checksum */
    blob_free(&image);
    image = header_at(0, ABX_MULTIBOOT_ADDRESSES);
    assert_false(abx_multiboot_header_find(&header, image.data, image.size)); /* addresses cut off */
    blob_resize(&image, 32);
    assert_true(abx_multiboot_header_find(&header, image.data, image.size));
    blob_free(&image);
}

static void test_multiboot_2(void **state)
{
    (void)state;
    blob image = { 0 };
    blob_put_le(&image, 8, 4, 0xe85250d6);
    blob_put_le(&image, 16, 4, 16);
    blob_put_le(&image, 20, 4, 0u - (0xe85250d6 + 16));
    assert_true(abx_multiboot_header_is_2(image.data, image.size));
    assert_false(abx_multiboot_header_is_2(image.data, image.size - 1));
    image.data[20]++;
    assert_false(abx_multiboot_header_is_2(image.data, image.size));
    blob_free(&image);
}

static const abx_multiboot_header good = { .offset = 0x100,
                                           .flags = ABX_MULTIBOOT_ADDRESSES,
                                           .header_addr = 0x200080,
                                           .load_addr = 0x200000,
                                           .load_end_addr = 0x200800,
                                           .bss_end_addr = 0x201000,
                                           .entry_addr = 0x200010 };

static abx_status describe(const abx_multiboot_header *header, abx_run *run)
{
    abx_runs runs = { 0 };
    abx_status status = abx_multiboot_header_run(header, 0x1000, "kernel", &runs);
    if (status == ABX_OK) {
        assert_int_equal(runs.count, 1);
        *run = runs.items[0];
    }
    abx_runs_free(&runs);
    return status;
}

static void test_addresses(void **state)
{
    (void)state;
    abx_run run;
    assert_ok(describe(&good, &run));
    assert_int_equal(run.gpa, 0x200000);
    assert_int_equal(run.offset, 0x80);
    assert_int_equal(run.file_length, 0x800);
    assert_int_equal(run.memory_length, 0x1000);
    abx_multiboot_header header = good;
    header.load_end_addr = 0; /* all of the file */
    assert_ok(describe(&header, &run));
    assert_int_equal(run.file_length, 0x1000 - 0x80);
    header.bss_end_addr = 0; /* no more memory than that */
    assert_ok(describe(&header, &run));
    assert_int_equal(run.memory_length, 0x1000 - 0x80);
}

static void test_hostile_addresses(void **state)
{
    (void)state;
    const struct {
        uint32_t header_addr, load_addr, load_end_addr, bss_end_addr;
    } faults[] = {
        { 0x200080, 0x200081, 0x200800, 0x201000 }, /* the header before the load address */
        { 0x200101, 0x200000, 0x200800, 0x201000 }, /* the load address before the file */
        { 0xffffffff, 0, 0x200800, 0x201000 },
        { 0x200080, 0x200000, 0x1fffff, 0x201000 }, /* ends before it begins */
        { 0x200080, 0x200000, 0x200800, 0x2007ff }, /* bss within the data */
        { 0x200080, 0x200000, 0x200f81, 0x201000 }, /* beyond the end of the file */
        { 0x200080, 0x200000, 0xffffffff, 0xffffffff },
        { 0x200080, 0x200000, 0, 0x1 },
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        abx_multiboot_header header = good;
        abx_run run;
        header.header_addr = faults[i].header_addr;
        header.load_addr = faults[i].load_addr;
        header.load_end_addr = faults[i].load_end_addr;
        header.bss_end_addr = faults[i].bss_end_addr;
        assert_failed(ABX_ERR_FORMAT, describe(&header, &run));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds),     cmocka_unit_test(test_does_not_find),     cmocka_unit_test(test_multiboot_2),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_hostile_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
