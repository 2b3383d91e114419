/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A disk with all of its queues in use, by the engines that there are. */
#include "disk_guest.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 60 };

static guest *const vm = &disk.vm;

static int begin(void **state)
{
    (void)state;
    return disk_begin(&(abx_virtio_block_config){ .queues = 4 });
}

static int begin_direct(void **state)
{
    (void)state;
    if (disk_begin(&(abx_virtio_block_config){ .queues = 4, .direct = true }) == 0)
        return 0;
    print_message("The file system of /tmp has no direct I/O: the same once more without.\n");
    guest_end(vm);
    close(disk.file);
    unlink(disk.path);
    return begin(state);
}

/* Waits until so many chains have come back from the first `queues` queues. */
static void await_all(uint32_t queues, uint32_t count)
{
    while (count > 0) {
        uint32_t id, length, before = count;
        for (uint32_t queue = 0; queue < queues; queue++) {
            driver_all_interrupts(&vm->queues[queue]);
            while (driver_take(&vm->queues[queue], &id, &length))
                count--;
        }
        if (before == count)
            guest_await_interrupt(vm);
    }
}

static uint8_t value(uint32_t n, uint32_t round)
{
    return (uint8_t)(n * 3 + round * 7 + 1);
}

static void queues_are_offered(void **state)
{
    (void)state;
    assert_int_equal(guest_offered(vm) & 1 << 12, 1 << 12);
    assert_int_equal(guest_load(&vm->host, WINDOW + MMIO_CONFIG + 34, 2), 4);
    guest_put(vm, MMIO_QUEUE_SEL, 3);
    assert_int_equal(guest_get(vm, MMIO_QUEUE_NUM_MAX), 256);
    guest_put(vm, MMIO_QUEUE_SEL, 4);
    assert_int_equal(guest_get(vm, MMIO_QUEUE_NUM_MAX), 0);
}

static void all_queues_at_once(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_PACKED, F_EVENTS, F_PACKED | F_EVENTS };
    for (uint32_t round = 0; round < 12; round++) {
        disk_start(kinds[round % 4], 4);
        for (uint32_t n = 0; n < SLOTS; n++) {
            memset(disk_content(n), value(n, round), 4096);
            disk_send(n % 4, n, OUT, UINT64_C(8) * n, 4096);
        }
        await_all(4, SLOTS);
        for (uint32_t n = 0; n < SLOTS; n++)
            disk_send(n % 4, n, FLUSH, 0, 0);
        await_all(4, SLOTS);
        for (uint32_t n = 0; n < SLOTS; n++) {
            memset(disk_content(n), 0, 4096);
            disk_send((n + 1) % 4, n, IN, UINT64_C(8) * n, 4096);
        }
        await_all(4, SLOTS);
        for (uint32_t n = 0; n < SLOTS; n++) {
            assert_int_equal(disk_status(n), ABX_BLOCK_OK);
            assert_int_equal(disk_content(n)[0], value(n, round));
            assert_int_equal(disk_content(n)[4095], value(n, round));
            assert_true(disk_image_is(UINT64_C(8) * n, 8, value(n, round)));
        }
    }
}

/* After the reset the memory is the driver's alone: whatever it puts there stays. */
static void resets_in_the_midst(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 300; round++) {
        disk_start(round % 2 ? F_PACKED : 0, 4);
        for (uint32_t n = 0; n < round % SLOTS; n++)
            disk_send(n % 4, n, round % 5 == 0 ? OUT : IN, UINT64_C(8) * n, 4096);
        guest_put(vm, MMIO_STATUS, 0);
        for (uint32_t n = 0; n < SLOTS; n++)
            memset(disk_content(n), 0xa5, 4096);
        disk_start(0, 1);
        disk_send(0, 0, FLUSH, 0, 0);
        await_all(1, 1);
        for (uint32_t n = 0; n < SLOTS; n++)
            assert_int_equal(disk_content(n)[round % 4096], 0xa5);
    }
}

static void pauses_in_the_midst(void **state)
{
    (void)state;
    const abx_device *device = &vm->host.device;
    disk_start(0, 4);
    for (uint32_t round = 0; round < 300; round++) {
        static uint8_t copy[SLOTS];
        uint32_t count = 1 + round % SLOTS;
        for (uint32_t n = 0; n < count; n++) {
            *disk_content(n) = 0xa5;
            disk_send(n % 4, n, IN, UINT64_C(8) * n, 4096);
        }
        device->ops->pause(device->object);
        for (uint32_t n = 0; n < count; n++)
            copy[n] = *disk_content(n);
        for (uint32_t n = 0; n < count; n++)
            assert_int_equal(*disk_content(n), copy[n]);
        device->ops->resume(device->object);
        await_all(4, count);
    }
}

/* A guest's buffers are where it likes. */
static void buffers_at_any_address(void **state)
{
    (void)state;
    disk_start(0, 1);
    uint32_t block = guest_get(vm, MMIO_CONFIG + 20);
    for (uint32_t shift = 1; shift < 4096; shift = shift * 3 + 1) {
        uint8_t *bytes = guest_at(vm, CONTENT + shift);
        for (uint32_t i = 0; i < 3 * block; i++)
            bytes[i] = (uint8_t)(i * 13 + shift);
        for (uint32_t type = OUT + 1; type-- > IN;) {
            disk_put_header(type, UINT64_C(8) * shift % SECTORS);
            const buffer buffers[] = { { HEADER, 16, false },
                                       { CONTENT + shift, 1, type == IN },
                                       { CONTENT + shift + 1, 3 * block - 1, type == IN },
                                       { STATUS, 1, true } };
            guest_request(vm, 0, buffers, 4);
            assert_int_equal(*guest_at(vm, STATUS), ABX_BLOCK_OK);
            for (uint32_t i = 0; i < 3 * block; i++) {
                assert_int_equal(bytes[i], (uint8_t)(i * 13 + shift));
                bytes[i] = type == OUT ? 0 : bytes[i];
            }
        }
    }
}

/* In a process of its own: writes sector n, flushes, says so, and goes on to write. */
static void write_for_ever(int out)
{
    if (begin(NULL) != 0)
        _exit(1);
    disk_start(0, 4);
    if (write(out, disk.path, sizeof(disk.path)) != sizeof(disk.path))
        _exit(1);
    for (uint32_t n = 0;; n = (n + 1) % SLOTS) {
        memset(disk_content(n), value(n, 0), 4096);
        disk_send(0, n, OUT, UINT64_C(8) * n, 4096);
        await_all(1, 1);
        disk_send(1, n, FLUSH, 0, 0);
        await_all(2, 1);
        if (write(out, &n, sizeof(n)) != sizeof(n))
            _exit(1);
    }
}

static void what_is_flushed_outlives_the_process(void **state)
{
    (void)state;
    enum { ENOUGH = 20 };
    char path[sizeof(disk.path)];
    int ends[2], status;
    uint32_t n;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_for_ever(ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], path, sizeof(path)), sizeof(path));
    for (uint32_t i = 0; i < ENOUGH; i++)
        assert_int_equal(read(ends[0], &n, sizeof(n)), sizeof(n));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    disk.file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(disk.file >= 0);
    for (n = 0; n < ENOUGH; n++)
        assert_true(disk_image_is(UINT64_C(8) * n, 8, value(n, 0)));
    close(disk.file);
    close(ends[0]);
    unlink(path);
}

#define TEST(function, setup) cmocka_unit_test_setup_teardown(function, setup, disk_end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_flushed_outlives_the_process), /* first: it forks */
        TEST(queues_are_offered, begin),
        TEST(all_queues_at_once, begin),
        TEST(all_queues_at_once, begin_direct),
        TEST(resets_in_the_midst, begin),
        TEST(resets_in_the_midst, begin_direct),
        TEST(pauses_in_the_midst, begin),
        TEST(pauses_in_the_midst, begin_direct),
        TEST(buffers_at_any_address, begin),
        TEST(buffers_at_any_address, begin_direct),
    };
    disk_choose_engine(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
