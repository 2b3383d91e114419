/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What goes back to the host, as the kernel counts it, for every kind of RAM. */
#include "cmocka_all.h"
#include "fake_manual.h"

#include "virtio/balloon_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BASE = 0x200000, SIZE = 0x400000, PAGES = SIZE / 4096, FIRST = BASE / 4096 };

static abx_vm *vm;
static abx_balloon_memory memory;
static char *host;

static void begin(abx_backing backing, abx_huge_pages huge_pages, uint32_t flags)
{
    vm = fake_manual_vm(1);
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = BASE;
    region.length = SIZE;
    region.backing = backing;
    region.huge_pages = huge_pages;
    region.flags = flags;
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    assert_int_equal(abx_balloon_memory_init(&memory, vm), ABX_OK);
    abx_memory_info info;
    size_t count;
    assert_int_equal(abx_memory_list(vm, &info, 1, &count), ABX_OK);
    host = info.host;
    memset(host, 1, SIZE);
}

static void end(void)
{
    abx_balloon_memory_end(&memory);
    fake_manual_end(vm);
}

/* How many pages are there. */
static unsigned resident(void)
{
    unsigned char there[PAGES];
    unsigned count = 0;
    assert_int_equal(mincore(host, SIZE, there), 0);
    for (unsigned i = 0; i < PAGES; i++)
        count += there[i] & 1;
    return count;
}

static void inflate(uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        abx_balloon_memory_inflate(&memory, first + i);
    abx_balloon_memory_flush(&memory);
}

static void report(uint64_t offset, uint64_t length)
{
    abx_memory_guard stay = abx_memory_enter(vm);
    abx_balloon_memory_report(&memory, &(struct iovec){ host + offset, length });
    abx_balloon_memory_flush(&memory);
    abx_memory_leave(vm, stay);
}

static void pages_go(abx_backing backing)
{
    begin(backing, ABX_HUGE_NEVER, 0);
    assert_int_equal(memory.size, SIZE);
    assert_int_equal(resident(), PAGES);
    inflate(FIRST + 16, 100);
    assert_int_equal(resident(), PAGES - 100);
    assert_int_equal(memory.discarded, 100 * 4096);
    for (uint32_t i = 300; i > 200; i--) /* downwards */
        abx_balloon_memory_inflate(&memory, FIRST + i);
    abx_balloon_memory_flush(&memory);
    assert_int_equal(resident(), PAGES - 200);
    report(0x100000, 0x200000);
    assert_int_equal(memory.discarded, (200 + 512 - 45) * 4096 + 45 * 4096);
    assert_int_equal(resident(), PAGES - 100 - 512 - 55);
    host[16 * 4096] = 2; /* the guest may use them again */
    assert_int_equal(host[17 * 4096], 0);
    end();
}

static void anonymous_pages_go(void **state)
{
    (void)state;
    pages_go(ABX_BACKING_ANONYMOUS);
}

static void pages_of_a_memory_file_go(void **state)
{
    (void)state;
    pages_go(ABX_BACKING_MEMFD);
}

/* Neighbours are one system call: as many as there are runs. */
static void what_is_not_ram_is_left_alone(void **state)
{
    (void)state;
    begin(ABX_BACKING_ANONYMOUS, ABX_HUGE_NEVER, 0);
    static const uint32_t wrong[] = { 0, FIRST - 1, FIRST + PAGES, 0xfffff, 0xffffffff };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        abx_balloon_memory_inflate(&memory, wrong[i]);
        abx_balloon_memory_deflate(&memory, wrong[i]);
    }
    abx_balloon_memory_flush(&memory);
    report(SIZE - 4096, 8192); /* beyond the end */
    abx_memory_guard stay = abx_memory_enter(vm);
    abx_balloon_memory_report(&memory, &(struct iovec){ &memory, 4096 });
    abx_balloon_memory_flush(&memory);
    abx_memory_leave(vm, stay);
    report(100, 4096); /* no whole page in it */
    assert_int_equal(memory.discarded, 0);
    assert_int_equal(memory.failures, 0);
    assert_int_equal(resident(), PAGES);
    report(100, 8192);
    assert_int_equal(memory.discarded, 4096);
    assert_int_equal(resident(), PAGES - 1);
    end();
}

static void what_the_guest_cannot_write_stays(void **state)
{
    (void)state;
    begin(ABX_BACKING_ANONYMOUS, ABX_HUGE_NEVER, ABX_MEMORY_READ_ONLY);
    assert_int_equal(memory.size, 0);
    inflate(FIRST, 100);
    report(0, 0x100000);
    assert_int_equal(memory.discarded, 0);
    assert_int_equal(resident(), PAGES);
    end();
}

/* The host's page counts as one of 16 KiB: as on Apple silicon. */
static void large_pages_go_as_a_whole(void **state)
{
    (void)state;
    begin(ABX_BACKING_ANONYMOUS, ABX_HUGE_NEVER, 0);
    abx_balloon_region *region = &memory.regions[0];
    region->page = 0x4000;
    region->ballooned = calloc(PAGES / 64, sizeof(*region->ballooned));
    region->filled = calloc(PAGES / 4, sizeof(*region->filled));
    inflate(FIRST + 1, 6); /* one and a half pages, and not one as a whole */
    assert_int_equal(memory.discarded, 0);
    inflate(FIRST + 1, 6); /* once more is not more */
    assert_int_equal(memory.discarded, 0);
    inflate(FIRST, 1);
    assert_int_equal(memory.discarded, 0x4000);
    abx_balloon_memory_deflate(&memory, FIRST + 5);
    abx_balloon_memory_deflate(&memory, FIRST + 5);
    inflate(FIRST + 7, 1);
    assert_int_equal(memory.discarded, 0x4000);
    inflate(FIRST + 5, 1);
    assert_int_equal(memory.discarded, 0x8000);
    abx_balloon_memory_forget(&memory);
    inflate(FIRST + 3, 1);
    assert_int_equal(memory.discarded, 0x8000);
    report(0x8001, 0xc000);
    assert_int_equal(memory.discarded, 0x8000 + 0x8000);
    assert_int_equal(resident(), PAGES - 16);
    end();
}

/* Where the host has a pool of them, as the emulated hosts do. */
static void huge_pages_go_as_a_whole(void **state)
{
    (void)state;
    void *probe = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (probe == MAP_FAILED) {
        assert_null(getenv("ABX_TESTBED"));
        skip();
    }
    munmap(probe, SIZE);
    begin(ABX_BACKING_ANONYMOUS, ABX_HUGE_2M, 0);
    inflate(FIRST, 511);
    assert_int_equal(memory.discarded, 0);
    inflate(FIRST + 511, 2);
    assert_int_equal(memory.discarded, 0x200000);
    report(0x100000, 0x300000);
    assert_int_equal(memory.discarded, 0x400000);
    assert_int_equal(resident(), 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anonymous_pages_go),
        cmocka_unit_test(pages_of_a_memory_file_go),
        cmocka_unit_test(what_is_not_ram_is_left_alone),
        cmocka_unit_test(what_the_guest_cannot_write_stays),
        cmocka_unit_test(large_pages_go_as_a_whole),
        cmocka_unit_test(huge_pages_go_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
