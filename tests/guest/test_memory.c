/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory regions as a running guest sees them: add, remove, read-only, overlap, backings, discard. */
#include "harness.h"
#include "memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HOLE = 0x10000000, MEGABYTE = 1 << 20, PAGE = 4096 };

static void open_memory(guest *g)
{
    guest_open(g, "memory", NULL);
}

static void add(guest *g, abx_gpa gpa, uint64_t length, uint32_t flags)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = gpa;
    region.length = length;
    region.flags = flags;
    assert_ok(abx_memory_add(g->vm, &region));
}

static void order(guest *g, uint32_t what, uint32_t address)
{
    guest_answer(g, what);
    guest_answer(g, address);
}

static void peek(guest *g, uint32_t address, uint32_t value)
{
    order(g, PEEK, address);
    guest_expect_sync(g, value);
}

static void poke(guest *g, uint32_t address, uint32_t value)
{
    order(g, POKE, address);
    guest_answer(g, value);
    guest_expect_sync(g, 0);
}

static void test_added_while_running(void **state)
{
    (void)state;
    guest g;
    open_memory(&g);
    order(&g, PEEK, HOLE);
    guest_run_to(&g, ABX_EXIT_MMIO);
    assert_int_equal(g.exit.mmio.address, HOLE);
    memset(g.exit.mmio.data, 0x5a, 4);
    guest_expect_sync(&g, 0x5a5a5a5a);

    add(&g, HOLE, MEGABYTE, 0);
    peek(&g, HOLE, 0);
    poke(&g, HOLE + 8, 77);
    uint32_t seen;
    assert_ok(abx_memory_read(g.vm, HOLE + 8, &seen, sizeof(seen)));
    assert_int_equal(seen, 77);
    seen = 99;
    assert_ok(abx_memory_write(g.vm, HOLE + 12, &seen, sizeof(seen)));
    peek(&g, HOLE + 12, 99);

    assert_ok(abx_memory_remove(g.vm, HOLE));
    order(&g, PEEK, HOLE + 8);
    guest_run_to(&g, ABX_EXIT_MMIO);
    guest_close(&g);
}

static void test_read_only(void **state)
{
    (void)state;
    guest g;
    open_memory(&g);
    add(&g, HOLE, MEGABYTE, ABX_MEMORY_READ_ONLY);
    const uint32_t value = 0x600d600d;
    assert_ok(abx_memory_write(g.vm, HOLE, &value, sizeof(value)));
    peek(&g, HOLE, value);
    order(&g, POKE, HOLE);
    guest_answer(&g, 1);
    guest_run_to(&g, ABX_EXIT_MMIO);
    assert_int_equal(g.exit.mmio.direction, ABX_WRITE);
    assert_int_equal(g.exit.mmio.address, HOLE);
    guest_expect_sync(&g, 0);
    peek(&g, HOLE, value);
    guest_close(&g);
}

static void test_overlap(void **state)
{
    (void)state;
    guest g;
    open_memory(&g);
    add(&g, HOLE, MEGABYTE, 0);
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = HOLE + MEGABYTE - PAGE;
    region.length = MEGABYTE;
    assert_status(abx_memory_add(g.vm, &region), ABX_ERR_EXISTS);
    region.gpa = HOLE - MEGABYTE + PAGE;
    assert_status(abx_memory_add(g.vm, &region), ABX_ERR_EXISTS);
    region.gpa = HOLE + MEGABYTE;
    assert_ok(abx_memory_add(g.vm, &region));
    poke(&g, HOLE + MEGABYTE, 5);
    poke(&g, HOLE + MEGABYTE - 4, 4);
    uint32_t both[2];
    assert_ok(abx_memory_read(g.vm, HOLE + MEGABYTE - 4, both, sizeof(both)));
    assert_int_equal(both[0], 4);
    assert_int_equal(both[1], 5);
    guest_close(&g);
}

static int file_with(uint32_t value, size_t length)
{
    char path[] = "/tmp/abx-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ftruncate(fd, (off_t)length), 0);
    assert_int_equal(pwrite(fd, &value, sizeof(value), 0), sizeof(value));
    return fd;
}

static void test_files(void **state)
{
    (void)state;
    guest g;
    open_memory(&g);
    int fd = file_with(1234, MEGABYTE);
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.length = MEGABYTE;
    region.fd = fd;
    region.gpa = HOLE;
    region.backing = ABX_BACKING_FILE_SHARED;
    assert_ok(abx_memory_add(g.vm, &region));
    region.gpa = HOLE + MEGABYTE;
    region.backing = ABX_BACKING_FILE_PRIVATE;
    assert_ok(abx_memory_add(g.vm, &region));

    peek(&g, HOLE, 1234);
    peek(&g, HOLE + MEGABYTE, 1234);
    poke(&g, HOLE + MEGABYTE, 1);
    uint32_t seen;
    assert_int_equal(pread(fd, &seen, sizeof(seen), 0), sizeof(seen));
    assert_int_equal(seen, 1234);
    poke(&g, HOLE, 4321);
    assert_int_equal(pread(fd, &seen, sizeof(seen), 0), sizeof(seen));
    assert_int_equal(seen, 4321);
    /* The private copy goes, the file's content is back. */
    assert_ok(abx_memory_discard(g.vm, HOLE + MEGABYTE, PAGE));
    peek(&g, HOLE + MEGABYTE, 4321);
    close(fd);
    guest_close(&g);
}

static void test_discard(void **state)
{
    (void)state;
    static const abx_backing backings[] = { ABX_BACKING_ANONYMOUS, ABX_BACKING_MEMFD };
    for (size_t i = 0; i < 2; i++) {
        guest g;
        open_memory(&g);
        abx_memory_region region = ABX_MEMORY_REGION_INIT;
        region.gpa = HOLE;
        region.length = MEGABYTE;
        region.backing = backings[i];
        assert_ok(abx_memory_add(g.vm, &region));
        order(&g, POKE_PAGES, HOLE);
        guest_answer(&g, MEGABYTE / PAGE);
        guest_answer(&g, 100);
        guest_expect_sync(&g, 0);
        abx_memory_guard guard = abx_memory_enter(g.vm);
        void *host = abx_memory_at(g.vm, HOLE, MEGABYTE, false);
        assert_non_null(host);
        unsigned char resident[MEGABYTE / PAGE];
        assert_ok(abx_memory_discard(g.vm, HOLE, MEGABYTE));
        assert_int_equal(mincore(host, MEGABYTE, resident), 0);
        abx_memory_leave(g.vm, guard);
        for (size_t page = 0; page < MEGABYTE / PAGE; page++)
            assert_int_equal(resident[page] & 1, 0);
        peek(&g, HOLE + 5 * PAGE, 0);
        guest_close(&g);
    }
}

static void *add_and_remove(void *argument)
{
    guest *g = argument;
    for (int i = 0; i < 200; i++) {
        add(g, HOLE + (abx_gpa)(i % 7) * MEGABYTE, MEGABYTE, 0);
        assert_ok(abx_memory_remove(g->vm, HOLE + (abx_gpa)(i % 7) * MEGABYTE));
    }
    abx_vcpu_kick(g->vcpu);
    return NULL;
}

/* The guest reads where regions come and go: each read meets memory or comes out as MMIO, nothing else. */
static void test_changes_under_a_running_guest(void **state)
{
    (void)state;
    guest g;
    open_memory(&g);
    order(&g, PEEK_FOR_EVER, HOLE + MEGABYTE);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, add_and_remove, &g), 0);
    do {
        guest_run(&g);
        if (g.exit.kind == ABX_EXIT_MMIO)
            assert_int_equal(g.exit.mmio.address, HOLE + MEGABYTE);
        else
            assert_int_equal(g.exit.kind, ABX_EXIT_INTERRUPTED);
    } while (g.exit.kind != ABX_EXIT_INTERRUPTED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_added_while_running),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_discard),
        cmocka_unit_test(test_changes_under_a_running_guest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
