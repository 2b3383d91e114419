/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 1024 * 1024 };

static char path[] = "/tmp/abx-disk-XXXXXX";
static int file;

static int begin(void **state)
{
    (void)state;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    file = mkstemp(path);
    return file < 0 || ftruncate(file, SIZE) < 0 ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    close(file);
    return unlink(path);
}

static abx_disk open_disk(bool read_only)
{
    abx_disk disk;
    assert_int_equal(abx_disk_open(&disk, path, read_only, false), ABX_OK);
    assert_int_equal(disk.size, SIZE);
    return disk;
}

static int move(const abx_disk *disk, abx_disk_operation operation, uint64_t offset, char *bytes, size_t length)
{
    struct iovec pieces[] = { { bytes, length / 3 }, { bytes + length / 3, length - length / 3 } };
    abx_disk_request request = {
        .operation = operation, .offset = offset, .length = length, .pieces = pieces, .piece_count = 2
    };
    return abx_disk_do(disk, &request, NULL);
}

static int change(const abx_disk *disk, abx_disk_operation operation, uint64_t offset, uint64_t length, bool may_unmap)
{
    abx_disk_request request = { .operation = operation, .offset = offset, .length = length, .may_unmap = may_unmap };
    return abx_disk_do(disk, &request, NULL);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    abx_disk disk = open_disk(false);
    char out[4096], in[4096];
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (char)(i * 7);
    assert_int_equal(move(&disk, ABX_DISK_WRITE, 512, out, sizeof(out)), 0);
    assert_int_equal(change(&disk, ABX_DISK_FLUSH, 0, 0, false), 0);
    assert_int_equal(move(&disk, ABX_DISK_READ, 512, in, sizeof(in)), 0);
    assert_memory_equal(in, out, sizeof(out));
    assert_int_equal(pread(file, in, sizeof(in), 512), sizeof(in));
    assert_memory_equal(in, out, sizeof(out));
    abx_disk_close(&disk);
}

static void ranges_become_zeros(void **state)
{
    (void)state;
    abx_disk disk = open_disk(false);
    static char ones[SIZE], in[SIZE];
    memset(ones, 1, sizeof(ones));
    for (int may_unmap = 0; may_unmap < 2; may_unmap++) {
        assert_int_equal(move(&disk, ABX_DISK_WRITE, 0, ones, SIZE), 0);
        assert_int_equal(change(&disk, ABX_DISK_ZERO, 1024, 300 * 1024, may_unmap), 0);
        assert_int_equal(change(&disk, ABX_DISK_ZERO, 1024, 0, may_unmap), 0);
        assert_int_equal(move(&disk, ABX_DISK_READ, 0, in, SIZE), 0);
        for (size_t i = 0; i < SIZE; i++)
            assert_int_equal(in[i], i < 1024 || i >= 301 * 1024);
    }
    abx_disk_close(&disk);
}

static void discarded_ranges_take_no_room(void **state)
{
    (void)state;
    abx_disk disk = open_disk(false);
    static char ones[SIZE];
    struct stat before, after;
    memset(ones, 1, sizeof(ones));
    assert_int_equal(move(&disk, ABX_DISK_WRITE, 0, ones, SIZE), 0);
    assert_int_equal(fsync(file), 0);
    assert_int_equal(fstat(file, &before), 0);
    assert_int_equal(change(&disk, ABX_DISK_DISCARD, 0, SIZE, false), 0);
    assert_int_equal(change(&disk, ABX_DISK_DISCARD, 0, 0, false), 0);
    assert_int_equal(fstat(file, &after), 0);
    assert_int_equal(after.st_size, SIZE);
    assert_true(after.st_blocks <= before.st_blocks);
    abx_disk_close(&disk);
}

static void failures_are_errnos(void **state)
{
    (void)state;
    char bytes[512] = { 0 };
    abx_disk disk = open_disk(true);
    assert_int_equal(move(&disk, ABX_DISK_WRITE, 0, bytes, sizeof(bytes)), EBADF);
    assert_int_equal(change(&disk, ABX_DISK_FLUSH, 0, 0, false), 0);
    assert_int_equal(ftruncate(file, 256), 0); /* shorter than it was */
    assert_int_equal(move(&disk, ABX_DISK_READ, 512, bytes, sizeof(bytes)), EIO);
    assert_int_equal(move(&disk, ABX_DISK_READ, 0, bytes, sizeof(bytes)), EIO);
    abx_disk_close(&disk);
}

static void files_that_are_no_disks(void **state)
{
    (void)state;
    abx_disk disk, untouched;
    memset(&disk, 0x5a, sizeof(disk));
    untouched = disk;
    assert_int_equal(abx_disk_open(&disk, "/nonexistent/image", false, false), ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_disk_open(&disk, "/tmp", true, false), ABX_ERR_INVALID);
    assert_int_equal(abx_disk_open(&disk, "/dev/null", false, false), ABX_ERR_INVALID);
    assert_int_equal(ftruncate(file, 0), 0);
    assert_int_equal(abx_disk_open(&disk, path, false, false), ABX_ERR_FORMAT);
    assert_int_equal(ftruncate(file, 1000), 0);
    assert_int_equal(abx_disk_open(&disk, path, false, false), ABX_ERR_FORMAT);
    assert_non_null(strstr(abx_last_error()->message, path));
    assert_memory_equal(&disk, &untouched, sizeof(disk));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read), TEST(ranges_become_zeros),     TEST(discarded_ranges_take_no_room),
        TEST(failures_are_errnos),     TEST(files_that_are_no_disks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
