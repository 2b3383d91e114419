/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A block device as an image: a loop device, over a memory file so that a look at what it holds is easy. */
#include "cmocka_all.h"

#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 1024 * 1024, KIB = 1024 };

static int medium = -1, device = -1;
static char path[32];
static char *bytes, *bounce;

/* The next free one; somebody else may take it in between. */
static int take_loop(int control, struct loop_config *config)
{
    for (;;) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0)
            return -1;
        snprintf(path, sizeof(path), "/dev/loop%d", number);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0 || ioctl(fd, LOOP_CONFIGURE, config) == 0)
            return fd;
        int error = errno;
        close(fd);
        errno = error;
        if (error != EBUSY)
            return -1;
    }
}

/* It goes with its last user. In an emulated host there must be one. */
static void begin(uint32_t block_size)
{
    medium = memfd_create("medium", MFD_CLOEXEC);
    assert_true(medium >= 0);
    assert_int_equal(ftruncate(medium, SIZE), 0);
    struct loop_config config = { .fd = (uint32_t)medium, .block_size = block_size };
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    device = control < 0 ? -1 : take_loop(control, &config);
    int error = errno;
    if (control >= 0)
        close(control);
    if (device >= 0)
        return;
    close(medium);
    print_message("skipped: no loop device: %s\n", strerror(error));
    assert_null(getenv("ABX_TESTBED"));
    skip();
}

static void end(void)
{
    close(device);
    close(medium);
}

static abx_disk open_disk(bool read_only, bool direct)
{
    abx_disk disk;
    assert_int_equal(abx_disk_open(&disk, path, read_only, direct), ABX_OK);
    assert_int_equal(disk.size, SIZE);
    return disk;
}

static int move(const abx_disk *disk, abx_disk_operation operation, uint64_t offset, char *where, size_t length)
{
    struct iovec pieces[] = { { where, length / 2 }, { where + length / 2, length - length / 2 } };
    abx_disk_request request = {
        .operation = operation, .offset = offset, .length = length, .pieces = pieces, .piece_count = 2
    };
    return abx_disk_do(disk, &request, disk->direct ? bounce : NULL);
}

static int change(const abx_disk *disk, abx_disk_operation operation, uint64_t offset, uint64_t length, bool may_unmap)
{
    abx_disk_request request = { .operation = operation, .offset = offset, .length = length, .may_unmap = may_unmap };
    return abx_disk_do(disk, &request, NULL);
}

static void fill(const abx_disk *disk)
{
    memset(bytes, 1, SIZE);
    assert_int_equal(move(disk, ABX_DISK_WRITE, 0, bytes, SIZE), 0);
    assert_int_equal(change(disk, ABX_DISK_FLUSH, 0, 0, false), 0);
}

/* Zeros from `first` to `last` and ones elsewhere. */
static void expect_zeros(const abx_disk *disk, size_t first, size_t last)
{
    assert_int_equal(move(disk, ABX_DISK_READ, 0, bytes, SIZE), 0);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(bytes[i], i < first || i >= last);
}

static blkcnt_t room(void)
{
    struct stat file;
    assert_int_equal(fstat(medium, &file), 0);
    return file.st_blocks;
}

static void read_write_and_flush(bool direct, size_t skew)
{
    begin(512);
    abx_disk disk = open_disk(false, direct);
    assert_int_equal(disk.direct, direct);
    char *out = bytes + skew, in[4096];
    for (size_t i = 0; i < sizeof(in); i++)
        out[i] = (char)(i * 7);
    assert_int_equal(move(&disk, ABX_DISK_WRITE, 4096, out, sizeof(in)), 0);
    assert_int_equal(change(&disk, ABX_DISK_FLUSH, 0, 0, false), 0);
    assert_int_equal(pread(medium, in, sizeof(in), 4096), sizeof(in));
    assert_memory_equal(in, out, sizeof(in));
    memset(out, 0, sizeof(in));
    assert_int_equal(move(&disk, ABX_DISK_READ, 4096, out, sizeof(in)), 0);
    assert_memory_equal(in, out, sizeof(in));
    abx_disk_close(&disk);
    end();
}

static void what_is_written_is_on_the_device(void **state)
{
    (void)state;
    read_write_and_flush(false, 0);
    read_write_and_flush(false, 100);
}

static void past_the_page_cache_as_well(void **state)
{
    (void)state;
    read_write_and_flush(true, 0);
    read_write_and_flush(true, 100);
}

static void ranges_become_zeros(void **state)
{
    (void)state;
    begin(512);
    abx_disk disk = open_disk(false, false);
    for (int may_unmap = 0; may_unmap < 2; may_unmap++) {
        fill(&disk);
        assert_int_equal(change(&disk, ABX_DISK_ZERO, KIB, 300 * KIB, may_unmap), 0);
        expect_zeros(&disk, KIB, 301 * KIB);
    }
    abx_disk_close(&disk);
    end();
}

static void discarded_ranges_take_no_room(void **state)
{
    (void)state;
    begin(512);
    abx_disk disk = open_disk(false, false);
    fill(&disk);
    blkcnt_t before = room();
    assert_int_equal(change(&disk, ABX_DISK_DISCARD, 256 * KIB, 512 * KIB, false), 0);
    assert_true(room() <= before - 512 * KIB / 512);
    expect_zeros(&disk, 256 * KIB, 768 * KIB);
    abx_disk_close(&disk);
    end();
}

/* The guest's sectors of 512 bytes are parts of the device's: zeros all the same, and a discard is a hint. */
static void parts_of_large_sectors(void **state)
{
    (void)state;
    begin(4096);
    abx_disk disk = open_disk(false, false);
    for (int may_unmap = 0; may_unmap < 2; may_unmap++) {
        fill(&disk);
        assert_int_equal(change(&disk, ABX_DISK_ZERO, 512, 300 * KIB, may_unmap), 0);
        expect_zeros(&disk, 512, 512 + 300 * KIB);
    }
    fill(&disk);
    assert_int_equal(change(&disk, ABX_DISK_DISCARD, 512, 300 * KIB, false), 0);
    assert_int_equal(move(&disk, ABX_DISK_READ, 0, bytes, 512), 0);
    assert_int_equal(bytes[0], 1);
    abx_disk_close(&disk);
    end();
}

static void a_read_only_device_stays_as_it_is(void **state)
{
    (void)state;
    begin(512);
    abx_disk disk = open_disk(true, false);
    assert_int_equal(move(&disk, ABX_DISK_WRITE, 0, bytes, 512), EBADF);
    assert_int_equal(change(&disk, ABX_DISK_FLUSH, 0, 0, false), 0);
    assert_int_equal(room(), 0);
    abx_disk_close(&disk);
    end();
}

static int make_buffers(void **state)
{
    (void)state;
    bytes = aligned_alloc(4096, SIZE);
    bounce = aligned_alloc(ABX_DISK_BOUNCE, ABX_DISK_BOUNCE);
    return bytes && bounce ? 0 : -1;
}

static int free_buffers(void **state)
{
    (void)state;
    free(bytes);
    free(bounce);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_on_the_device),
        cmocka_unit_test(past_the_page_cache_as_well),
        cmocka_unit_test(ranges_become_zeros),
        cmocka_unit_test(discarded_ranges_take_no_room),
        cmocka_unit_test(parts_of_large_sectors),
        cmocka_unit_test(a_read_only_device_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, make_buffers, free_buffers);
}
