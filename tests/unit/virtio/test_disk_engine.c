/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "virtio/disk_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 4 * 1024 * 1024, DEPTH = 128, LENGTH = 8192 };

static abx_status (*open_engine)(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell);
static char path[] = "/tmp/abx-engine-XXXXXX";
static int file;
static abx_disk disk;
static abx_wakeup bell;
static abx_disk_engine *engine;

/* A request with two pieces of its own. */
typedef struct job {
    abx_disk_request io;
    struct iovec pieces[2];
    char *bytes;
} job;

static job jobs[DEPTH];
static char *memory; /* LENGTH for each job, and a bit */

static int begin_with(bool read_only, bool direct)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    file = mkstemp(path);
    memory = aligned_alloc(4096, DEPTH * LENGTH + 4096);
    if (file < 0 || !memory || ftruncate(file, SIZE) < 0)
        return -1;
    abx_status status = abx_disk_open(&disk, path, read_only, direct);
    if (status == ABX_ERR_NOT_SUPPORTED) {
        print_message("The file system of /tmp has no direct I/O: the same once more without.\n");
        status = abx_disk_open(&disk, path, read_only, false);
    }
    if (status != ABX_OK || abx_wakeup_open(&bell) != ABX_OK)
        return -1;
    return open_engine(&engine, &disk, DEPTH, &bell) == ABX_OK ? 0 : -1;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(false, false);
}

static int begin_read_only(void **state)
{
    (void)state;
    return begin_with(true, false);
}

static int begin_direct(void **state)
{
    (void)state;
    return begin_with(false, true);
}

static int end(void **state)
{
    (void)state;
    abx_disk_engine_close(engine);
    abx_wakeup_close(&bell);
    abx_disk_close(&disk);
    free(memory);
    close(file);
    return unlink(path);
}

/* Job n transfers `length` bytes at its place in memory, `shift` bytes further. */
static void submit(uint32_t n, abx_disk_operation operation, uint64_t offset, uint32_t length, uint32_t shift)
{
    job *one = &jobs[n];
    one->bytes = memory + (size_t)n * LENGTH + shift;
    uint32_t first = length / 2 / 512 * 512;
    one->pieces[0] = (struct iovec){ one->bytes, first };
    one->pieces[1] = (struct iovec){ one->bytes + first, length - first };
    bool moves = operation == ABX_DISK_READ || operation == ABX_DISK_WRITE;
    one->io = (abx_disk_request){
        .operation = operation,
        .offset = offset,
        .length = length,
        .pieces = moves ? one->pieces : NULL,
        .piece_count = moves ? 2 : 0,
        .error = -1,
    };
    abx_disk_engine_submit(engine, &one->io);
}

/* As the loop does: waits for the bell, and reaps until nothing is there. */
static job *reap_by_bell(void)
{
    for (;;) {
        job *done = (job *)abx_disk_engine_reap(engine, false);
        if (done)
            return done;
        struct pollfd wait = { .fd = bell.fd, .events = POLLIN };
        assert_int_equal(poll(&wait, 1, -1), 1);
        abx_wakeup_lower(&bell);
    }
}

static int run(abx_disk_operation operation, uint64_t offset, uint32_t length, uint32_t shift)
{
    submit(0, operation, offset, length, shift);
    abx_disk_engine_start(engine);
    job *done = reap_by_bell();
    assert_ptr_equal(done, &jobs[0]);
    assert_null(abx_disk_engine_reap(engine, false));
    return done->io.error;
}

static void fill(uint32_t n, uint32_t shift, uint8_t seed)
{
    for (uint32_t i = 0; i < LENGTH; i++)
        memory[(size_t)n * LENGTH + shift + i] = (char)(seed + i * 5);
}

static void check(uint32_t shift)
{
    static char in[LENGTH];
    for (uint32_t round = 0; round < 3; round++) {
        fill(0, shift, (uint8_t)round);
        assert_int_equal(run(ABX_DISK_WRITE, 4096 * round, LENGTH, shift), 0);
        assert_int_equal(run(ABX_DISK_FLUSH, 0, 0, 0), 0);
        assert_int_equal(pread(file, in, LENGTH, 4096 * round), LENGTH);
        assert_memory_equal(in, memory + shift, LENGTH);
        memset(memory, 0, 2 * LENGTH);
        assert_int_equal(run(ABX_DISK_READ, 4096 * round, LENGTH, shift), 0);
        assert_memory_equal(in, memory + shift, LENGTH);
    }
    assert_int_equal(run(ABX_DISK_ZERO, 4096, 4096, 0), 0);
    assert_int_equal(run(ABX_DISK_READ, 4096, 4096, shift), 0);
    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(memory[shift + i], 0);
    assert_int_equal(run(ABX_DISK_DISCARD, 0, SIZE, 0), 0);
    assert_int_equal(run(ABX_DISK_READ, 0, 0, 0), 0);
}

static void everything_that_a_disk_does(void **state)
{
    (void)state;
    check(0);
    check(1);
}

static void past_the_page_cache(void **state)
{
    (void)state;
    check(0);
    check(1);
    check(512);
}

/* Longer than what fits in the way of misaligned buffers, and in pieces of all sizes. */
static void long_misaligned_transfers(void **state)
{
    (void)state;
    enum { LONG = 5 * ABX_DISK_BOUNCE / 2 };
    char *out = memory + 3, *in = memory + LONG + 8;
    for (size_t i = 0; i < LONG; i++)
        out[i] = (char)(i * 11 + i / 999);
    char *const sides[2] = { out, in };
    for (int side = 0; side < 2; side++) {
        struct iovec pieces[3] = { { sides[side], 1 },
                                   { sides[side] + 1, 70001 },
                                   { sides[side] + 70002, LONG - 70002 } };
        abx_disk_request request = { .operation = side == 0 ? ABX_DISK_WRITE : ABX_DISK_READ,
                                     .offset = 4096,
                                     .length = LONG,
                                     .pieces = pieces,
                                     .piece_count = 3 };
        abx_disk_engine_submit(engine, &request);
        abx_disk_engine_start(engine);
        assert_ptr_equal(abx_disk_engine_reap(engine, true), &request);
        assert_int_equal(request.error, 0);
    }
    assert_memory_equal(in, out, LONG);
}

/* Of all kinds, each on its own part of the disk; every one comes back once. */
static void many_under_way(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        bool seen[DEPTH] = { false };
        for (uint32_t n = 0; n < DEPTH; n++) {
            fill(n, 0, (uint8_t)(n + round));
            submit(n, n % 16 == 7 ? ABX_DISK_FLUSH : ABX_DISK_WRITE, (uint64_t)n * LENGTH, n % 16 == 7 ? 0 : LENGTH, 0);
        }
        abx_disk_engine_start(engine);
        for (uint32_t n = 0; n < DEPTH; n++) {
            job *done = round % 2 ? reap_by_bell() : (job *)abx_disk_engine_reap(engine, true);
            assert_int_equal(done->io.error, 0);
            assert_false(seen[done - jobs]);
            seen[done - jobs] = true;
        }
        assert_null(abx_disk_engine_reap(engine, false));
        memset(memory, 0, DEPTH * LENGTH);
        for (uint32_t n = 0; n < DEPTH; n++)
            submit(n, ABX_DISK_READ, (uint64_t)n * LENGTH, n % 16 == 7 ? 0 : LENGTH, 0);
        abx_disk_engine_start(engine);
        for (uint32_t n = 0; n < DEPTH; n++)
            assert_int_equal(reap_by_bell()->io.error, 0);
        for (uint32_t n = 0; n < DEPTH; n++) {
            if (n % 16 != 7)
                assert_int_equal((uint8_t)memory[(size_t)n * LENGTH + 100], (uint8_t)(n + round + 500));
        }
    }
}

static void *reap_all(void *count)
{
    for (uint32_t n = 0; n < *(uint32_t *)count; n++)
        assert_int_equal(((job *)abx_disk_engine_reap(engine, true))->io.error, 0);
    return NULL;
}

/* Who drains a device is not who submitted. */
static void another_thread_reaps(void **state)
{
    (void)state;
    uint32_t count = DEPTH;
    for (uint32_t round = 0; round < 20; round++) {
        pthread_t other;
        for (uint32_t n = 0; n < count; n++)
            submit(n, n % 3 ? ABX_DISK_WRITE : ABX_DISK_READ, (uint64_t)n * LENGTH, LENGTH, round % 2);
        abx_disk_engine_start(engine);
        assert_int_equal(pthread_create(&other, NULL, reap_all, &count), 0);
        assert_int_equal(pthread_join(other, NULL), 0);
    }
}

static void what_was_not_started_is_started_by_who_waits(void **state)
{
    (void)state;
    submit(0, ABX_DISK_READ, 0, LENGTH, 0);
    assert_ptr_equal(abx_disk_engine_reap(engine, true), &jobs[0]);
    assert_int_equal(jobs[0].io.error, 0);
}

static void failures_are_errnos(void **state)
{
    (void)state;
    assert_int_equal(run(ABX_DISK_WRITE, 0, LENGTH, 0), EBADF);
    assert_int_equal(run(ABX_DISK_READ, 0, LENGTH, 0), 0);
    assert_int_equal(run(ABX_DISK_FLUSH, 0, 0, 0), 0);
    assert_int_equal(ftruncate(file, 4096 + 512), 0); /* shorter than it was */
    assert_int_equal(run(ABX_DISK_READ, 0, LENGTH, 0), EIO);
    assert_int_equal(run(ABX_DISK_READ, 2 * LENGTH, LENGTH, 0), EIO);
    assert_int_equal(run(ABX_DISK_READ, 0, 4096, 0), 0);
}

#define TEST(function, setup) cmocka_unit_test_setup_teardown(function, setup, end)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_a_disk_does, begin),
        TEST(past_the_page_cache, begin_direct),
        TEST(long_misaligned_transfers, begin),
        TEST(long_misaligned_transfers, begin_direct),
        TEST(many_under_way, begin),
        TEST(many_under_way, begin_direct),
        TEST(another_thread_reaps, begin),
        TEST(another_thread_reaps, begin_direct),
        TEST(what_was_not_started_is_started_by_who_waits, begin),
        TEST(failures_are_errnos, begin_read_only),
    };
    open_engine = argc > 1 && strcmp(argv[1], "threads") == 0 ? abx_disk_threads.open : abx_disk_engine_open;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
