/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "disk_guest.h"

#include <string.h>
#include <unistd.h>

static int begin(void **state)
{
    (void)state;
    return disk_begin(&(abx_virtio_block_config){ .serial = "disk-1" });
}

static int begin_read_only(void **state)
{
    (void)state;
    return disk_begin(&(abx_virtio_block_config){ .read_only = true });
}

static void fill_content(uint8_t first, size_t length)
{
    for (size_t i = 0; i < length; i++)
        guest_at(&disk.vm, CONTENT)[i] = (uint8_t)(first + i * 3);
}

static void configuration_of_a_disk(void **state)
{
    (void)state;
    assert_int_equal(guest_get(&disk.vm, MMIO_DEVICE_ID), 2);
    uint64_t own = 1 << 2 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 13 | 1 << 14;
    assert_int_equal(guest_offered(&disk.vm), own | F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS);
    assert_int_equal(guest_load(&disk.vm.host, WINDOW + MMIO_CONFIG, 8), SECTORS);
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG + 12), 254);
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG + 20), 512);
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG + 36), ABX_BLOCK_RANGE_SECTORS);
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG + 40), ABX_BLOCK_RANGES);
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG + 52), ABX_BLOCK_RANGES);
    assert_int_equal(guest_load(&disk.vm.host, WINDOW + MMIO_CONFIG + 56, 1), 1);
    guest_put(&disk.vm, MMIO_CONFIG, 7); /* cannot be written */
    assert_int_equal(guest_get(&disk.vm, MMIO_CONFIG), SECTORS);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_PACKED, F_EVENTS, F_PACKED | F_EVENTS | F_TABLES };
    for (size_t i = 0; i < 4; i++) {
        disk_start(kinds[i], 1);
        for (uint64_t sector = 0; sector < SECTORS; sector += 819) {
            uint8_t copy[4096];
            fill_content((uint8_t)(i + sector), 4096);
            memcpy(copy, guest_at(&disk.vm, CONTENT), 4096);
            uint32_t length = sector == SECTORS - 1 ? 512 : 4096;
            assert_int_equal(disk_request(OUT, sector, length), ABX_BLOCK_OK);
            assert_int_equal(disk.used_length, 1);
            assert_int_equal(disk_request(FLUSH, 0, 0), ABX_BLOCK_OK);
            memset(guest_at(&disk.vm, CONTENT), 0, 4096);
            assert_int_equal(disk_request(IN, sector, length), ABX_BLOCK_OK);
            assert_int_equal(disk.used_length, length + 1);
            assert_memory_equal(guest_at(&disk.vm, CONTENT), copy, length);
            assert_int_equal(pread(disk.file, guest_at(&disk.vm, CONTENT), length, (off_t)sector * 512), length);
            assert_memory_equal(guest_at(&disk.vm, CONTENT), copy, length);
        }
    }
}

/* Header, data and status may be cut anywhere, and joined (2.7.4). */
static void buffers_of_any_shape(void **state)
{
    (void)state;
    disk_start(0, 1);
    fill_content(9, 512);
    disk_put_header(OUT, 3);
    memcpy(guest_at(&disk.vm, HEADER + 16), guest_at(&disk.vm, CONTENT), 512);
    const buffer one[] = { { HEADER, 16 + 512, false }, { HEADER + 0x800, 1, true } };
    assert_int_equal(guest_request(&disk.vm, 0, one, 2), 1);
    assert_int_equal(*guest_at(&disk.vm, HEADER + 0x800), ABX_BLOCK_OK);
    disk_put_header(IN, 3);
    const buffer many[] = { { HEADER, 3, false },
                            { HEADER + 3, 13, false },
                            { CONTENT + 0x1000, 1, true },
                            { CONTENT + 0x1001, 510, true },
                            { CONTENT + 0x11ff, 2, true } }; /* with the status in the last */
    assert_int_equal(guest_request(&disk.vm, 0, many, 5), 513);
    assert_memory_equal(guest_at(&disk.vm, CONTENT + 0x1000), guest_at(&disk.vm, CONTENT), 512);
    assert_int_equal(*guest_at(&disk.vm, CONTENT + 0x1200), ABX_BLOCK_OK);
}

static void sectors_out_of_the_disk(void **state)
{
    (void)state;
    disk_start(0, 1);
    static const struct {
        uint64_t sector;
        uint32_t length;
    } wrong[] = {
        { SECTORS, 512 },
        { SECTORS - 1, 1024 },
        { UINT64_MAX, 512 },
        { UINT64_MAX / 512, 512 },
        { SECTORS + 1, 512 },
        { 0, 511 },
        { 0, 513 },
        { (UINT64_C(1) << 55) + 1, 512 },
        { 0, 1 },
        { SECTORS + 1, 0 },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        memset(guest_at(&disk.vm, CONTENT), 0x33, 2048);
        assert_int_equal(disk_request(OUT, wrong[i].sector, wrong[i].length), ABX_BLOCK_IOERR);
        assert_int_equal(disk_request(IN, wrong[i].sector, wrong[i].length), ABX_BLOCK_IOERR);
        assert_int_equal(guest_at(&disk.vm, CONTENT)[0], 0x33);
    }
    assert_true(disk_image_is(0, SECTORS, 0));
    assert_int_equal(disk_request(IN, SECTORS - 1, 512), ABX_BLOCK_OK);
    assert_int_equal(disk_request(IN, SECTORS, 0), ABX_BLOCK_OK); /* nothing, at the end */
}

static void the_serial_number(void **state)
{
    (void)state;
    disk_start(0, 1);
    memset(guest_at(&disk.vm, CONTENT), 0x33, 64);
    assert_int_equal(disk_request(GET_ID, 0, 20), ABX_BLOCK_OK);
    assert_memory_equal(guest_at(&disk.vm, CONTENT), "disk-1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x33", 21);
    assert_int_equal(disk.used_length, 21);
    memset(guest_at(&disk.vm, CONTENT), 0x33, 64);
    assert_int_equal(disk_request(GET_ID, 0, 4), ABX_BLOCK_OK);
    assert_memory_equal(guest_at(&disk.vm, CONTENT), "disk\x33", 5);
    assert_int_equal(disk_request(GET_ID, 0, 64), ABX_BLOCK_OK);
    assert_int_equal(disk.used_length, 20);
    assert_int_equal(disk_request(GET_ID, 0, 0), ABX_BLOCK_OK);
}

static void what_it_does_not_know(void **state)
{
    (void)state;
    disk_start(0, 1);
    static const uint32_t types[] = { 2, 3, 5, 6, 7, 9, 10, 12, 14, 16, 0x80000000u, UINT32_MAX };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        assert_int_equal(disk_request(types[i], 0, 512), ABX_BLOCK_UNSUPP);
    assert_true(disk_image_is(0, SECTORS, 0));
}

static void ranges_are_zeroed_and_discarded(void **state)
{
    (void)state;
    disk_start(0, 1);
    memset(guest_at(&disk.vm, CONTENT), 0x44, 64 * 512);
    assert_int_equal(disk_request(OUT, 100, 64 * 512), ABX_BLOCK_OK);
    disk_put_range(0, 100, 4, 0);
    disk_put_range(1, 110, 6, 1);
    assert_int_equal(disk_request(WRITE_ZEROES, 0, 32), ABX_BLOCK_OK);
    assert_int_equal(disk.used_length, 1);
    assert_true(disk_image_is(100, 4, 0) && disk_image_is(104, 6, 0x44) && disk_image_is(110, 6, 0) &&
                disk_image_is(116, 48, 0x44));
    disk_put_range(0, 120, 0, 0);
    disk_put_range(1, 128, 16, 0);
    assert_int_equal(disk_request(DISCARD, 0, 32), ABX_BLOCK_OK);
    assert_true(disk_image_is(116, 12, 0x44) && disk_image_is(144, 20, 0x44));
}

static void wrong_ranges(void **state)
{
    (void)state;
    disk_start(0, 1);
    memset(guest_at(&disk.vm, CONTENT), 0x44, 512);
    assert_int_equal(disk_request(OUT, 0, 512), ABX_BLOCK_OK);
    static const struct {
        uint64_t sector;
        uint32_t sectors, flags;
        uint8_t discard, zero;
    } cases[] = {
        { SECTORS, 1, 0, ABX_BLOCK_IOERR, ABX_BLOCK_IOERR },
        { UINT64_MAX, 2, 0, ABX_BLOCK_IOERR, ABX_BLOCK_IOERR },
        { 0, SECTORS + 1, 0, ABX_BLOCK_IOERR, ABX_BLOCK_IOERR },
        { 0, UINT32_MAX, 0, ABX_BLOCK_IOERR, ABX_BLOCK_IOERR },
        { 1, 1, 1, ABX_BLOCK_UNSUPP, ABX_BLOCK_OK },
        { 1, 1, 2, ABX_BLOCK_UNSUPP, ABX_BLOCK_UNSUPP },
        { 1, 1, 0x80000000u, ABX_BLOCK_UNSUPP, ABX_BLOCK_UNSUPP },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        disk_put_range(0, 0, 1, 0); /* a right one first: nothing of it is done either */
        disk_put_range(1, cases[i].sector, cases[i].sectors, cases[i].flags);
        assert_int_equal(disk_request(DISCARD, 0, 32), cases[i].discard);
        assert_true(disk_image_is(0, 1, 0x44));
        if (cases[i].zero != ABX_BLOCK_OK) {
            assert_int_equal(disk_request(WRITE_ZEROES, 0, 32), cases[i].zero);
            assert_true(disk_image_is(0, 1, 0x44));
        }
    }
    for (uint32_t i = 0; i <= ABX_BLOCK_RANGES; i++)
        disk_put_range(i, 2, 1, 0);
    assert_int_equal(disk_request(WRITE_ZEROES, 0, 16 * (ABX_BLOCK_RANGES + 1)), ABX_BLOCK_IOERR);
    assert_int_equal(disk_request(WRITE_ZEROES, 0, 16 * ABX_BLOCK_RANGES), ABX_BLOCK_OK);
    assert_int_equal(disk_request(WRITE_ZEROES, 0, 0), ABX_BLOCK_IOERR);
    assert_int_equal(disk_request(DISCARD, 0, 17), ABX_BLOCK_IOERR);
}

static void a_read_only_disk(void **state)
{
    (void)state;
    assert_int_equal(guest_offered(&disk.vm) & 0x7fff, 1 << 2 | 1 << 5 | 1 << 6 | 1 << 9 | 1 << 10);
    disk_start(0, 1);
    memset(guest_at(&disk.vm, CONTENT), 0x44, 512);
    assert_int_equal(disk_request(OUT, 0, 512), ABX_BLOCK_IOERR);
    disk_put_range(0, 0, 1, 0);
    assert_int_equal(disk_request(DISCARD, 0, 16), ABX_BLOCK_IOERR);
    assert_int_equal(disk_request(WRITE_ZEROES, 0, 16), ABX_BLOCK_IOERR);
    assert_int_equal(disk_request(FLUSH, 0, 0), ABX_BLOCK_OK);
    assert_int_equal(disk_request(IN, 0, 512), ABX_BLOCK_OK);
    assert_true(disk_image_is(0, SECTORS, 0));
    memset(guest_at(&disk.vm, CONTENT), 0x33, 20);
    assert_int_equal(disk_request(GET_ID, 0, 20), ABX_BLOCK_OK);
    assert_int_equal(*guest_at(&disk.vm, CONTENT), 0);
}

static void what_is_no_request_breaks_the_queue(void **state)
{
    (void)state;
    const buffer wrong[3][2] = {
        { { HEADER, 15, false }, { STATUS, 1, true } },     /* half a header */
        { { HEADER, 16, false }, { CONTENT, 512, false } }, /* no status */
        { { STATUS, 1, true }, { STATUS, 1, true } },       /* no header */
    };
    for (size_t i = 0; i < 3; i++) {
        disk_start(0, 1);
        disk_put_header(OUT, 0);
        guest_send(&disk.vm, 0, wrong[i], 2);
        await_level(&disk.vm.host, LINE, true);
        pthread_mutex_lock(&disk.vm.host.lock);
        while (disk.vm.host.told < i + 1)
            pthread_cond_wait(&disk.vm.host.changed, &disk.vm.host.lock);
        pthread_mutex_unlock(&disk.vm.host.lock);
        assert_int_equal(guest_get(&disk.vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
        assert_string_equal(disk.vm.host.text, "block: a request makes no sense");
    }
    disk_start(0, 1);
    assert_int_equal(disk_request(IN, 0, 512), ABX_BLOCK_OK);
}

static void an_image_that_shrank_gives_errors(void **state)
{
    (void)state;
    disk_start(0, 1);
    assert_int_equal(ftruncate(disk.file, 512), 0);
    assert_int_equal(disk_request(IN, 0, 1024), ABX_BLOCK_IOERR);
    assert_int_equal(disk.used_length, 0);
    assert_int_equal(disk_request(IN, 0, 512), ABX_BLOCK_OK);
}

static void an_image_that_is_not_there(void **state)
{
    (void)state;
    guest_begin(&disk.vm);
    const abx_device_host host = guest_interface(&disk.vm);
    const abx_virtio_block_config config = { .path = "/nonexistent/image", .queues = 1 };
    assert_int_equal(abx_virtio_block_new(&disk.vm.host.device, &host, WINDOW, LINE, &config), ABX_ERR_NOT_FOUND);
    assert_null(disk.vm.host.device.ops);
    guest_end(&disk.vm);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, disk_end)

int main(int argc, char **argv)
{
    disk_choose_engine(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        TEST(configuration_of_a_disk),
        TEST(what_is_written_is_read),
        TEST(buffers_of_any_shape),
        TEST(sectors_out_of_the_disk),
        TEST(the_serial_number),
        TEST(what_it_does_not_know),
        TEST(ranges_are_zeroed_and_discarded),
        TEST(wrong_ranges),
        cmocka_unit_test_setup_teardown(a_read_only_disk, begin_read_only, disk_end),
        TEST(what_is_no_request_breaks_the_queue),
        TEST(an_image_that_shrank_gives_errors),
        cmocka_unit_test(an_image_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
