/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"

#include "virtio/block.h"
#include "virtio/block_request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECTORS = 4096,
    HEADER = DATA,
    STATUS = DATA + 0x100,
    CONTENT = DATA + 0x1000,

    IN = 0,
    OUT = 1,
    FLUSH = 4,
    GET_ID = 8,
    DISCARD = 11,
    WRITE_ZEROES = 13,

    NO_STATUS = 0xee, /* what is there before */
};

static guest vm;
static char path[] = "/tmp/abx-block-XXXXXX";
static int file;
static uint32_t used_length;

static int begin_with(bool read_only, const char *serial)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    file = mkstemp(path);
    if (file < 0 || ftruncate(file, SECTORS * 512) < 0)
        return -1;
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    const abx_virtio_block_config config = { .path = path, .read_only = read_only, .serial = serial };
    if (abx_virtio_block_new(&vm.host.device, &host, WINDOW, LINE, &config) != ABX_OK)
        return -1;
    vm.host.device.ops->resume(vm.host.device.object);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(false, "disk-1");
}

static int begin_read_only(void **state)
{
    (void)state;
    return begin_with(true, NULL);
}

static int end(void **state)
{
    (void)state;
    guest_end(&vm);
    close(file);
    return unlink(path);
}

static void start(uint64_t features)
{
    guest_start(&vm, F_VERSION_1 | features, 1, 64);
}

static void put_header(uint32_t type, uint64_t sector)
{
    const uint32_t words[2] = { type, 0 };
    memcpy(guest_at(&vm, HEADER), words, 8);
    memcpy(guest_at(&vm, HEADER + 8), &sector, 8);
    *guest_at(&vm, STATUS) = NO_STATUS;
}

/* A request with `length` bytes of data at CONTENT, cut in two; its status. */
static uint8_t request(uint32_t type, uint64_t sector, uint32_t length)
{
    bool writable = type == IN || type == GET_ID;
    put_header(type, sector);
    buffer buffers[4] = { { HEADER, 16, false } };
    uint32_t count = 1, first = length / 3;
    if (first > 0)
        buffers[count++] = (buffer){ CONTENT, first, writable };
    if (length > first)
        buffers[count++] = (buffer){ CONTENT + first, length - first, writable };
    buffers[count++] = (buffer){ STATUS, 1, true };
    used_length = guest_request(&vm, 0, buffers, count);
    return *guest_at(&vm, STATUS);
}

static void put_range(uint32_t index, uint64_t sector, uint32_t sectors, uint32_t flags)
{
    uint8_t *at = guest_at(&vm, CONTENT + UINT64_C(16) * index);
    memcpy(at, &sector, 8);
    memcpy(at + 8, &sectors, 4);
    memcpy(at + 12, &flags, 4);
}

static void fill_content(uint8_t first, size_t length)
{
    for (size_t i = 0; i < length; i++)
        guest_at(&vm, CONTENT)[i] = (uint8_t)(first + i * 3);
}

/* Sectors of the image itself are all `value`. */
static bool image_is(uint64_t sector, uint32_t sectors, uint8_t value)
{
    uint8_t bytes[512];
    for (uint32_t i = 0; i < sectors; i++) {
        assert_int_equal(pread(file, bytes, 512, (off_t)((sector + i) * 512)), 512);
        for (size_t at = 0; at < 512; at++) {
            if (bytes[at] != value)
                return false;
        }
    }
    return true;
}

static void configuration_of_a_disk(void **state)
{
    (void)state;
    assert_int_equal(guest_get(&vm, MMIO_DEVICE_ID), 2);
    uint64_t own = 1 << 2 | 1 << 6 | 1 << 9 | 1 << 13 | 1 << 14;
    assert_int_equal(guest_offered(&vm), own | F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS);
    assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG, 8), SECTORS);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG + 12), 254);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG + 20), 512);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG + 36), ABX_BLOCK_RANGE_SECTORS);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG + 40), ABX_BLOCK_RANGES);
    assert_int_equal(guest_get(&vm, MMIO_CONFIG + 52), ABX_BLOCK_RANGES);
    assert_int_equal(guest_load(&vm.host, WINDOW + MMIO_CONFIG + 56, 1), 1);
    guest_put(&vm, MMIO_CONFIG, 7); /* cannot be written */
    assert_int_equal(guest_get(&vm, MMIO_CONFIG), SECTORS);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_PACKED, F_EVENTS, F_PACKED | F_EVENTS | F_TABLES };
    for (size_t i = 0; i < 4; i++) {
        start(kinds[i]);
        for (uint64_t sector = 0; sector < SECTORS; sector += 819) {
            uint8_t copy[4096];
            fill_content((uint8_t)(i + sector), 4096);
            memcpy(copy, guest_at(&vm, CONTENT), 4096);
            uint32_t length = sector == SECTORS - 1 ? 512 : 4096;
            assert_int_equal(request(OUT, sector, length), ABX_BLOCK_OK);
            assert_int_equal(used_length, 1);
            assert_int_equal(request(FLUSH, 0, 0), ABX_BLOCK_OK);
            memset(guest_at(&vm, CONTENT), 0, 4096);
            assert_int_equal(request(IN, sector, length), ABX_BLOCK_OK);
            assert_int_equal(used_length, length + 1);
            assert_memory_equal(guest_at(&vm, CONTENT), copy, length);
            assert_int_equal(pread(file, guest_at(&vm, CONTENT), length, (off_t)sector * 512), length);
            assert_memory_equal(guest_at(&vm, CONTENT), copy, length);
        }
    }
}

/* Header, data and status may be cut anywhere, and joined (2.7.4). */
static void buffers_of_any_shape(void **state)
{
    (void)state;
    start(0);
    fill_content(9, 512);
    put_header(OUT, 3);
    memcpy(guest_at(&vm, HEADER + 16), guest_at(&vm, CONTENT), 512);
    const buffer one[] = { { HEADER, 16 + 512, false }, { HEADER + 0x800, 1, true } };
    assert_int_equal(guest_request(&vm, 0, one, 2), 1);
    assert_int_equal(*guest_at(&vm, HEADER + 0x800), ABX_BLOCK_OK);
    put_header(IN, 3);
    const buffer many[] = { { HEADER, 3, false },
                            { HEADER + 3, 13, false },
                            { CONTENT + 0x1000, 1, true },
                            { CONTENT + 0x1001, 510, true },
                            { CONTENT + 0x11ff, 2, true } }; /* with the status in the last */
    assert_int_equal(guest_request(&vm, 0, many, 5), 513);
    assert_memory_equal(guest_at(&vm, CONTENT + 0x1000), guest_at(&vm, CONTENT), 512);
    assert_int_equal(*guest_at(&vm, CONTENT + 0x1200), ABX_BLOCK_OK);
}

static void sectors_out_of_the_disk(void **state)
{
    (void)state;
    start(0);
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
        memset(guest_at(&vm, CONTENT), 0x33, 2048);
        assert_int_equal(request(OUT, wrong[i].sector, wrong[i].length), ABX_BLOCK_IOERR);
        assert_int_equal(request(IN, wrong[i].sector, wrong[i].length), ABX_BLOCK_IOERR);
        assert_int_equal(guest_at(&vm, CONTENT)[0], 0x33);
    }
    assert_true(image_is(0, SECTORS, 0));
    assert_int_equal(request(IN, SECTORS - 1, 512), ABX_BLOCK_OK);
    assert_int_equal(request(IN, SECTORS, 0), ABX_BLOCK_OK); /* nothing, at the end */
}

static void the_serial_number(void **state)
{
    (void)state;
    start(0);
    memset(guest_at(&vm, CONTENT), 0x33, 64);
    assert_int_equal(request(GET_ID, 0, 20), ABX_BLOCK_OK);
    assert_memory_equal(guest_at(&vm, CONTENT), "disk-1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x33", 21);
    assert_int_equal(used_length, 21);
    memset(guest_at(&vm, CONTENT), 0x33, 64);
    assert_int_equal(request(GET_ID, 0, 4), ABX_BLOCK_OK);
    assert_memory_equal(guest_at(&vm, CONTENT), "disk\x33", 5);
    assert_int_equal(request(GET_ID, 0, 64), ABX_BLOCK_OK);
    assert_int_equal(used_length, 20);
    assert_int_equal(request(GET_ID, 0, 0), ABX_BLOCK_OK);
}

static void what_it_does_not_know(void **state)
{
    (void)state;
    start(0);
    static const uint32_t types[] = { 2, 3, 5, 6, 7, 9, 10, 12, 14, 16, 0x80000000u, UINT32_MAX };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        assert_int_equal(request(types[i], 0, 512), ABX_BLOCK_UNSUPP);
    assert_true(image_is(0, SECTORS, 0));
}

static void ranges_are_zeroed_and_discarded(void **state)
{
    (void)state;
    start(0);
    memset(guest_at(&vm, CONTENT), 0x44, 64 * 512);
    assert_int_equal(request(OUT, 100, 64 * 512), ABX_BLOCK_OK);
    put_range(0, 100, 4, 0);
    put_range(1, 110, 6, 1);
    assert_int_equal(request(WRITE_ZEROES, 0, 32), ABX_BLOCK_OK);
    assert_int_equal(used_length, 1);
    assert_true(image_is(100, 4, 0) && image_is(104, 6, 0x44) && image_is(110, 6, 0) && image_is(116, 48, 0x44));
    put_range(0, 120, 0, 0);
    put_range(1, 128, 16, 0);
    assert_int_equal(request(DISCARD, 0, 32), ABX_BLOCK_OK);
    assert_true(image_is(116, 12, 0x44) && image_is(144, 20, 0x44));
}

static void wrong_ranges(void **state)
{
    (void)state;
    start(0);
    memset(guest_at(&vm, CONTENT), 0x44, 512);
    assert_int_equal(request(OUT, 0, 512), ABX_BLOCK_OK);
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
        put_range(0, 0, 1, 0); /* a right one first: nothing of it is done either */
        put_range(1, cases[i].sector, cases[i].sectors, cases[i].flags);
        assert_int_equal(request(DISCARD, 0, 32), cases[i].discard);
        assert_true(image_is(0, 1, 0x44));
        if (cases[i].zero != ABX_BLOCK_OK) {
            assert_int_equal(request(WRITE_ZEROES, 0, 32), cases[i].zero);
            assert_true(image_is(0, 1, 0x44));
        }
    }
    for (uint32_t i = 0; i <= ABX_BLOCK_RANGES; i++)
        put_range(i, 2, 1, 0);
    assert_int_equal(request(WRITE_ZEROES, 0, 16 * (ABX_BLOCK_RANGES + 1)), ABX_BLOCK_IOERR);
    assert_int_equal(request(WRITE_ZEROES, 0, 16 * ABX_BLOCK_RANGES), ABX_BLOCK_OK);
    assert_int_equal(request(WRITE_ZEROES, 0, 0), ABX_BLOCK_IOERR);
    assert_int_equal(request(DISCARD, 0, 17), ABX_BLOCK_IOERR);
}

static void a_read_only_disk(void **state)
{
    (void)state;
    assert_int_equal(guest_offered(&vm) & 0x7fff, 1 << 2 | 1 << 5 | 1 << 6 | 1 << 9);
    start(0);
    memset(guest_at(&vm, CONTENT), 0x44, 512);
    assert_int_equal(request(OUT, 0, 512), ABX_BLOCK_IOERR);
    put_range(0, 0, 1, 0);
    assert_int_equal(request(DISCARD, 0, 16), ABX_BLOCK_IOERR);
    assert_int_equal(request(WRITE_ZEROES, 0, 16), ABX_BLOCK_IOERR);
    assert_int_equal(request(FLUSH, 0, 0), ABX_BLOCK_OK);
    assert_int_equal(request(IN, 0, 512), ABX_BLOCK_OK);
    assert_true(image_is(0, SECTORS, 0));
    memset(guest_at(&vm, CONTENT), 0x33, 20);
    assert_int_equal(request(GET_ID, 0, 20), ABX_BLOCK_OK);
    assert_int_equal(*guest_at(&vm, CONTENT), 0);
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
        start(0);
        put_header(OUT, 0);
        guest_send(&vm, 0, wrong[i], 2);
        await_level(&vm.host, LINE, true);
        pthread_mutex_lock(&vm.host.lock);
        while (vm.host.told < i + 1)
            pthread_cond_wait(&vm.host.changed, &vm.host.lock);
        pthread_mutex_unlock(&vm.host.lock);
        assert_int_equal(guest_get(&vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
        assert_string_equal(vm.host.text, "block: a request makes no sense");
    }
    start(0);
    assert_int_equal(request(IN, 0, 512), ABX_BLOCK_OK);
}

static void an_image_that_shrank_gives_errors(void **state)
{
    (void)state;
    start(0);
    assert_int_equal(ftruncate(file, 512), 0);
    assert_int_equal(request(IN, 0, 1024), ABX_BLOCK_IOERR);
    assert_int_equal(used_length, 0);
    assert_int_equal(request(IN, 0, 512), ABX_BLOCK_OK);
}

static void an_image_that_is_not_there(void **state)
{
    (void)state;
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    const abx_virtio_block_config config = { .path = "/nonexistent/image" };
    assert_int_equal(abx_virtio_block_new(&vm.host.device, &host, WINDOW, LINE, &config), ABX_ERR_NOT_FOUND);
    assert_null(vm.host.device.ops);
    guest_end(&vm);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(configuration_of_a_disk),
        TEST(what_is_written_is_read),
        TEST(buffers_of_any_shape),
        TEST(sectors_out_of_the_disk),
        TEST(the_serial_number),
        TEST(what_it_does_not_know),
        TEST(ranges_are_zeroed_and_discarded),
        TEST(wrong_ranges),
        cmocka_unit_test_setup_teardown(a_read_only_disk, begin_read_only, end),
        TEST(what_is_no_request_breaks_the_queue),
        TEST(an_image_that_shrank_gives_errors),
        cmocka_unit_test(an_image_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
