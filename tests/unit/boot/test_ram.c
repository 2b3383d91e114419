/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"
#include "fake_backend.h"

#include "boot/ram.h"

#include <sys/mman.h>
#include <unistd.h>

static void test_holds(void **state)
{
    (void)state;
    abx_ram ram;
    abx_vm *vm = fake_vm(0);
    fake_add(vm, 0x10000, 0x1000, 0);
    fake_add(vm, 0x11000, 0x1000, 0);
    fake_add(vm, 0x12000, 0x1000, ABX_MEMORY_READ_ONLY);
    fake_add(vm, 0x20000, 0x1000, 0);
    assert_ok(abx_ram_open(&ram, vm));
    assert_int_equal(ram.count, 4);
    assert_true(abx_ram_holds(&ram, 0x10000, 0x2000));
    assert_true(abx_ram_holds(&ram, 0x10fff, 2));
    assert_true(abx_ram_holds(&ram, 0x11fff, 1));
    assert_false(abx_ram_holds(&ram, 0x11fff, 2));
    assert_false(abx_ram_holds(&ram, 0xffff, 2));
    assert_false(abx_ram_holds(&ram, 0x13000, 1));
    assert_false(abx_ram_holds(&ram, 0x20fff, 2));
    assert_false(abx_ram_holds(&ram, UINT64_MAX, 2));
    assert_false(abx_ram_holds(&ram, 0x20000, UINT64_MAX));
    abx_ram_free(&ram);
    fake_vm_end(vm);
}

static void test_reads_across_regions(void **state)
{
    (void)state;
    abx_ram ram;
    blob content = { 0 };
    abx_vm *vm = fake_vm(0);
    fake_add(vm, 0x10000, 0x1000, 0);
    fake_add(vm, 0x11000, 0x2000, 0);
    blob_noise(&content, 0, 0x3000, 1);
    abx_source source = scratch_source("content", &content);
    assert_ok(abx_ram_open(&ram, vm));
    assert_ok(abx_ram_read(&ram, 0x10123, &source, 0x77, 0x2000));
    assert_guest(vm, 0x10123, content.data + 0x77, 0x2000);
    assert_guest_zero(vm, 0x10000, 0x123);
    assert_ok(abx_ram_read(&ram, 0x50000, &source, 0, 0));
    assert_failed(ABX_ERR_RANGE, abx_ram_read(&ram, 0x12000, &source, 0, 0x1001));
    assert_failed(ABX_ERR_RANGE, abx_ram_read(&ram, 0x50000, &source, 0, 1));
    assert_failed(ABX_ERR_FORMAT, abx_ram_read(&ram, 0x10000, &source, 0x2001, 0x1000));
    abx_ram_free(&ram);
    abx_source_close(&source);
    blob_free(&content);
    fake_vm_end(vm);
}

static void soil(abx_vm *vm, abx_gpa gpa, uint64_t length)
{
    assert_ok(abx_memory_fill(vm, gpa, 0xa5, length));
}

static void assert_soiled(abx_vm *vm, abx_gpa gpa)
{
    assert_int_equal(guest_le(vm, gpa, 1), 0xa5);
}

static void test_zeroes(void **state)
{
    (void)state;
    abx_ram ram;
    static const struct {
        abx_gpa gpa;
        uint64_t length;
    } ranges[] = { { 0x10000, 0x6000 }, { 0x10001, 0x1ffe }, { 0x10800, 0x3000 },
                   { 0x10fff, 2 },      { 0x11100, 0x10 },   { 0x12fff, 0x2001 } };
    abx_vm *vm = fake_vm(0);
    fake_add(vm, 0xf000, 0x4000, 0);
    fake_add(vm, 0x13000, 0x8000, 0);
    assert_ok(abx_ram_open(&ram, vm));
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        soil(vm, 0xf000, 0xc000);
        assert_ok(abx_ram_zero(&ram, ranges[i].gpa, ranges[i].length));
        assert_guest_zero(vm, ranges[i].gpa, ranges[i].length);
        assert_soiled(vm, ranges[i].gpa - 1);
        assert_soiled(vm, ranges[i].gpa + ranges[i].length);
    }
    assert_ok(abx_ram_zero(&ram, 0x50000, 0));
    assert_failed(ABX_ERR_RANGE, abx_ram_zero(&ram, 0x1a000, 0x1001));
    abx_ram_free(&ram);
    fake_vm_end(vm);
}

/* A private file page given back would show the file again. */
static void test_zeroes_file_memory(void **state)
{
    (void)state;
    abx_ram ram;
    abx_vm *vm = fake_vm(0);
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    blob content = { 0 };
    int fd = memfd_create("file", MFD_CLOEXEC);
    blob_noise(&content, 0, 0x4000, 1);
    assert_int_equal(write(fd, content.data, content.size), content.size);
    region.gpa = 0x10000;
    region.length = content.size;
    region.backing = ABX_BACKING_FILE_PRIVATE;
    region.fd = fd;
    assert_ok(abx_memory_add(vm, &region));
    assert_ok(abx_ram_open(&ram, vm));
    assert_ok(abx_ram_zero(&ram, 0x10800, 0x2000));
    assert_guest_zero(vm, 0x10800, 0x2000);
    assert_guest(vm, 0x10000, content.data, 0x800);
    abx_ram_free(&ram);
    fake_vm_end(vm);
    close(fd);
    blob_free(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds),
        cmocka_unit_test(test_reads_across_regions),
        cmocka_unit_test(test_zeroes),
        cmocka_unit_test(test_zeroes_file_memory),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
