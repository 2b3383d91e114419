/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where io_uring is refused, and where it cannot do what it is asked for. The linker leads the calls here (--wrap). */
#include "cmocka_all.h"

#include "virtio/disk_ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 1024 * 1024, DEPTH = 16 };

int __real_io_uring_queue_init(unsigned entries, struct io_uring *uring, unsigned flags);
int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *uring, unsigned flags);
int __real_io_uring_register_eventfd(struct io_uring *uring, int fd);
int __wrap_io_uring_register_eventfd(struct io_uring *uring, int fd);
int __real_io_uring_submit(struct io_uring *uring);
int __wrap_io_uring_submit(struct io_uring *uring);
int __real_fcntl64(int fd, int command, long argument);
int __wrap_fcntl64(int fd, int command, long argument);

static int init_error, eventfd_error, submit_error, direct_error;
static int submit_failures;

int __wrap_io_uring_queue_init(unsigned entries, struct io_uring *uring, unsigned flags)
{
    return init_error ? -init_error : __real_io_uring_queue_init(entries, uring, flags);
}

int __wrap_io_uring_register_eventfd(struct io_uring *uring, int fd)
{
    return eventfd_error ? -eventfd_error : __real_io_uring_register_eventfd(uring, fd);
}

/* The next ones fail, as a whole. */
int __wrap_io_uring_submit(struct io_uring *uring)
{
    if (submit_failures > 0) {
        submit_failures--;
        return -submit_error;
    }
    return __real_io_uring_submit(uring);
}

int __wrap_fcntl64(int fd, int command, long argument)
{
    if (direct_error && command == F_SETFL && (argument & O_DIRECT)) {
        errno = direct_error;
        return -1;
    }
    return __real_fcntl64(fd, command, argument);
}

static char path[] = "/tmp/abx-ring-XXXXXX";
static int file;
static abx_disk disk;
static abx_wakeup bell;
static abx_disk_engine *engine;
static char bytes[8192];

static int begin(void **state)
{
    (void)state;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    file = mkstemp(path);
    init_error = eventfd_error = submit_error = submit_failures = direct_error = 0;
    if (file < 0 || ftruncate(file, SIZE) < 0 || abx_wakeup_open(&bell) != ABX_OK)
        return -1;
    return abx_disk_open(&disk, path, false, false) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    abx_disk_close(&disk);
    abx_wakeup_close(&bell);
    close(file);
    return unlink(path);
}

static int run(abx_disk_operation operation, uint64_t offset, uint32_t length)
{
    struct iovec piece = { bytes, length };
    abx_disk_request io = {
        .operation = operation, .offset = offset, .length = length, .pieces = &piece, .piece_count = 1
    };
    abx_disk_engine_submit(engine, &io);
    abx_disk_engine_start(engine);
    assert_ptr_equal(abx_disk_engine_reap(engine, true), &io);
    return io.error;
}

static void check(void)
{
    memset(bytes, 0x5a, sizeof(bytes));
    assert_int_equal(run(ABX_DISK_WRITE, 4096, sizeof(bytes)), 0);
    assert_int_equal(run(ABX_DISK_FLUSH, 0, 0), 0);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(run(ABX_DISK_READ, 4096, sizeof(bytes)), 0);
    for (size_t i = 0; i < sizeof(bytes); i++)
        assert_int_equal(bytes[i], 0x5a);
}

static void without_io_uring_there_are_threads(void **state)
{
    (void)state;
    static const int errors[] = { ENOSYS, EPERM, ENOMEM, EINVAL, EMFILE };
    for (size_t i = 0; i < 5; i++) {
        init_error = errors[i];
        assert_int_equal(abx_disk_ring.open(&engine, &disk, DEPTH, &bell), ABX_ERR_NOT_SUPPORTED);
        assert_int_equal(abx_last_error()->os_error, errors[i]);
        assert_int_equal(abx_disk_engine_open(&engine, &disk, DEPTH, &bell), ABX_OK);
        assert_ptr_equal(engine->kind, &abx_disk_threads);
        check();
        abx_disk_engine_close(engine);
    }
    init_error = 0;
    eventfd_error = EINVAL; /* Linux before 5.2 */
    assert_int_equal(abx_disk_engine_open(&engine, &disk, DEPTH, &bell), ABX_OK);
    assert_ptr_equal(engine->kind, &abx_disk_threads);
    check();
    abx_disk_engine_close(engine);
}

/* Where the test runs it may be refused as well. */
static void open_ring(void)
{
    if (abx_disk_ring.open(&engine, &disk, DEPTH, &bell) != ABX_OK)
        skip();
}

static void with_io_uring_it_is_the_best(void **state)
{
    (void)state;
    open_ring();
    abx_disk_engine_close(engine);
    assert_int_equal(abx_disk_engine_open(&engine, &disk, DEPTH, &bell), ABX_OK);
    assert_ptr_equal(engine->kind, &abx_disk_ring);
    check();
    abx_disk_engine_close(engine);
}

static bool bell_rings(void)
{
    struct pollfd one = { .fd = bell.fd, .events = POLLIN };
    return poll(&one, 1, 0) == 1;
}

static void a_submission_that_fails_is_made_later(void **state)
{
    (void)state;
    open_ring();
    struct iovec piece = { bytes, sizeof(bytes) };
    abx_disk_request io = { .operation = ABX_DISK_READ, .length = sizeof(bytes), .pieces = &piece, .piece_count = 1 };
    submit_error = EINTR;
    submit_failures = 3;
    check();
    assert_int_equal(submit_failures, 0);
    abx_wakeup_lower(&bell);
    submit_error = EAGAIN;
    submit_failures = 1;
    abx_disk_engine_submit(engine, &io);
    abx_disk_engine_start(engine);
    assert_true(bell_rings());
    assert_null(abx_disk_engine_reap(engine, false));
    abx_disk_engine_start(engine); /* as the loop does, rung for */
    assert_ptr_equal(abx_disk_engine_reap(engine, true), &io);
    assert_int_equal(io.error, 0);
    abx_disk_engine_close(engine);
}

static void more_than_the_ring_has_room_for(void **state)
{
    (void)state;
    enum { COUNT = 3 * DEPTH };
    open_ring();
    static abx_disk_request many[COUNT];
    static struct iovec pieces[COUNT];
    static char places[COUNT][512];
    for (uint32_t i = 0; i < COUNT; i++) {
        pieces[i] = (struct iovec){ places[i], 512 };
        many[i] =
            (abx_disk_request){ .operation = ABX_DISK_READ, .length = 512, .pieces = &pieces[i], .piece_count = 1 };
        abx_disk_engine_submit(engine, &many[i]);
    }
    abx_disk_engine_start(engine);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(abx_disk_engine_reap(engine, true)->error, 0);
    abx_disk_engine_close(engine);
}

static unsigned kernel_threads(void)
{
    unsigned count = 0;
    char name[300], text[32] = "";
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (const struct dirent *task; (task = readdir(tasks));) {
        snprintf(name, sizeof(name), "/proc/self/task/%s/comm", task->d_name);
        FILE *comm = fopen(name, "re");
        if (comm && fgets(text, sizeof(text), comm))
            count += strncmp(text, "iou-", 4) == 0;
        if (comm)
            fclose(comm);
    }
    closedir(tasks);
    return count;
}

/* Those of the kernel would wake for ever: whatever blocks goes to ours. */
static void the_kernel_makes_no_threads(void **state)
{
    (void)state;
    open_ring();
    for (uint64_t offset = 0; offset + sizeof(bytes) <= SIZE; offset += sizeof(bytes)) {
        assert_int_equal(run(ABX_DISK_WRITE, offset, sizeof(bytes)), 0);
        assert_int_equal(run(ABX_DISK_FLUSH, 0, 0), 0);
        (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); /* the read has to wait for the medium */
        assert_int_equal(run(ABX_DISK_READ, offset, sizeof(bytes)), 0);
        assert_int_equal(run(ABX_DISK_ZERO, offset, 4096), 0);
        assert_int_equal(run(ABX_DISK_DISCARD, offset, 4096), 0);
    }
    assert_int_equal(kernel_threads(), 0);
    abx_disk_engine_close(engine);
}

static void past_the_page_cache_the_kernel_makes_none_either(void **state)
{
    (void)state;
    abx_disk_close(&disk);
    abx_status status = abx_disk_open(&disk, path, false, true);
    if (status != ABX_OK) {
        assert_int_equal(abx_disk_open(&disk, path, false, false), ABX_OK);
        skip();
    }
    open_ring();
    static _Alignas(4096) char block[4096];
    for (uint64_t offset = 0; offset < SIZE; offset += sizeof(block)) {
        for (uint32_t i = 0; i < 2; i++) { /* into a hole, then over it */
            struct iovec piece = { block, sizeof(block) };
            abx_disk_request io = { .operation = ABX_DISK_WRITE,
                                    .offset = offset,
                                    .length = sizeof(block),
                                    .pieces = &piece,
                                    .piece_count = 1 };
            memset(block, (int)(offset >> 12), sizeof(block));
            abx_disk_engine_submit(engine, &io);
            abx_disk_engine_start(engine);
            assert_ptr_equal(abx_disk_engine_reap(engine, true), &io);
            assert_int_equal(io.error, 0);
        }
    }
    for (uint64_t offset = 0; offset < SIZE; offset += sizeof(block)) {
        assert_int_equal(pread(file, block, sizeof(block), (off_t)offset), sizeof(block));
        assert_int_equal((uint8_t)block[77], (uint8_t)(offset >> 12));
    }
    assert_int_equal(kernel_threads(), 0);
    abx_disk_engine_close(engine);
}

static void a_file_system_without_direct_transfers(void **state)
{
    (void)state;
    abx_disk other, untouched;
    memset(&other, 0x5a, sizeof(other));
    untouched = other;
    direct_error = EINVAL;
    assert_int_equal(abx_disk_open(&other, path, false, true), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->message, path));
    assert_non_null(strstr(abx_last_error()->advice, "cache=uncached"));
    direct_error = EIO;
    assert_int_equal(abx_disk_open(&other, path, false, true), ABX_ERR_SYSTEM);
    assert_memory_equal(&other, &untouched, sizeof(other));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_io_uring_there_are_threads),
        TEST(with_io_uring_it_is_the_best),
        TEST(a_submission_that_fails_is_made_later),
        TEST(more_than_the_ring_has_room_for),
        TEST(the_kernel_makes_no_threads),
        TEST(past_the_page_cache_the_kernel_makes_none_either),
        TEST(a_file_system_without_direct_transfers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
