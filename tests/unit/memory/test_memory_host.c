/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_host.h"

#include "fake_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t BLOCK = (size_t)2 << 20;

static abx_host_memory map(const abx_memory_region *region)
{
    abx_host_memory memory;
    assert_int_equal(abx_host_memory_map(&memory, region), ABX_OK);
    return memory;
}

static void anonymous_is_zero_and_untouched(void **state)
{
    (void)state;
    abx_memory_region region = region_at(0, 64 * BLOCK);
    abx_host_memory memory = map(&region);
    assert_int_equal(resident(memory.address, memory.length), 0);
    assert_int_equal(*(uint8_t *)memory.address, 0);
    ((uint8_t *)memory.address)[memory.length - 1] = 1;
    assert_true(resident(memory.address, memory.length) > 0);
    assert_true(resident(memory.address, memory.length) <= 2 * BLOCK); /* one page, or huge ones if the host wishes */
    abx_host_memory_unmap(&memory);
}

static void more_than_the_host_has_is_possible(void **state)
{
    (void)state;
    /* Twice what there is. Much more would have no room beside the thread sanitizer's shadow. */
    uint64_t size = 2 * (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    abx_memory_region region = region_at(0, size / BLOCK * BLOCK);
    abx_host_memory memory = map(&region);
    assert_true(memory.length > size / 2);
    abx_host_memory_unmap(&memory);
}

static void addresses_agree_modulo_two_mib(void **state)
{
    (void)state;
    static const abx_gpa places[] = { 0, PAGE, 0x100000, 0x1ff000, UINT64_C(0x100000000) };
    static const abx_backing backings[] = { ABX_BACKING_ANONYMOUS, ABX_BACKING_MEMFD };
    for (size_t i = 0; i < 10; i++) {
        abx_memory_region region = region_at(places[i / 2], BLOCK + PAGE);
        region.backing = backings[i % 2];
        abx_host_memory memory = map(&region);
        assert_int_equal((uintptr_t)memory.address % BLOCK, region.gpa % BLOCK);
        memset(memory.address, 1, memory.length);
        abx_host_memory_unmap(&memory);
    }
}

static void whole_address_space_comes_back(void **state)
{
    (void)state;
    static const size_t lengths[] = { PAGE, 2 * PAGE, (size_t)2 << 20, (size_t)1 << 30 };
    uint64_t before = address_space();
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            abx_memory_region region = region_at((abx_gpa)round * PAGE, lengths[i]);
            abx_host_memory memory = map(&region);
            abx_host_memory_unmap(&memory);
        }
    }
    assert_true(address_space() < before + 16 * BLOCK); /* of 100 times 1 GiB */
}

static void beyond_its_ends_nothing_is_mapped_for_use(void **state)
{
    (void)state;
    abx_memory_region region = region_at(PAGE, 4 * BLOCK);
    abx_host_memory memory = map(&region);
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    /* The kernel says so without a fault of ours. */
    assert_int_equal(write(pair[1], memory.address, 1), 1);
    assert_int_equal(write(pair[1], (char *)memory.address - 1, 1), -1);
    assert_int_equal(errno, EFAULT);
    assert_int_equal(write(pair[1], (char *)memory.address + memory.length, 1), -1);
    assert_int_equal(errno, EFAULT);
    close(pair[0]);
    close(pair[1]);
    abx_host_memory_unmap(&memory);
}

static void memory_file_is_shared_and_cannot_shrink(void **state)
{
    (void)state;
    abx_memory_region region = region_at(0, 16 * PAGE);
    region.backing = ABX_BACKING_MEMFD;
    abx_host_memory memory = map(&region);
    assert_true(memory.fd >= 0);
    assert_int_equal(fcntl(memory.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(lseek(memory.fd, 0, SEEK_END), 16 * PAGE);
    uint8_t *other = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);
    assert_true(other != MAP_FAILED);
    other[PAGE] = 7;
    assert_int_equal(((uint8_t *)memory.address)[PAGE], 7);
    munmap(other, 16 * PAGE);
    assert_int_equal(ftruncate(memory.fd, PAGE), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(memory.fd, 32 * PAGE), -1);
    int fd = memory.fd;
    abx_host_memory_unmap(&memory);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void files_are_shared_or_private(void **state)
{
    (void)state;
    int fd = temporary_file(8 * PAGE);
    abx_memory_region region = region_at(0, 4 * PAGE);
    region.fd = fd;
    region.offset = 2 * PAGE;
    region.backing = ABX_BACKING_FILE_SHARED;
    abx_host_memory shared = map(&region);
    region.backing = ABX_BACKING_FILE_PRIVATE;
    abx_host_memory private = map(&region);
    assert_int_equal(close(fd), 0); /* nobody needs it any more */
    assert_int_equal(shared.fd, -1);
    uint8_t *seen = shared.address;
    uint8_t *own = private.address;
    assert_int_equal(seen[0], 3);
    assert_int_equal(own[3 * PAGE], 6);
    own[0] = 100;
    assert_int_equal(seen[0], 3);
    seen[PAGE] = 101;
    assert_int_equal(own[PAGE], 101); /* not yet copied */
    abx_host_memory_unmap(&shared);
    abx_host_memory_unmap(&private);
}

static void refuses_files_that_do_not_fit(void **state)
{
    (void)state;
    abx_host_memory memory = { .fd = 77 };
    int fd = temporary_file(4 * PAGE + 100);
    abx_memory_region region = region_at(0x5000, 4 * PAGE);
    region.backing = ABX_BACKING_FILE_SHARED;
    region.fd = fd;
    region.offset = PAGE;
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_RANGE, "0x5000");
    region.offset = UINT64_MAX - PAGE + 1;
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_RANGE, "0x5000");
    region.offset = 0;
    region.length = 5 * PAGE;
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_RANGE, "0x5000");
    close(fd);
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_INVALID, "0x5000");
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    region.fd = pair[0];
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_INVALID, "regular file");
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(memory.fd, 77);
}

static void unwritable_file_can_only_be_private(void **state)
{
    (void)state;
    char name[] = "/tmp/memory-test-XXXXXX";
    int writable = mkstemp(name);
    assert_true(writable >= 0);
    assert_int_equal(ftruncate(writable, 4 * PAGE), 0);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    unlink(name);
    close(writable);
    abx_memory_region region = region_at(0, 4 * PAGE);
    region.fd = fd;
    region.backing = ABX_BACKING_FILE_SHARED;
    abx_host_memory memory;
    assert_failed(abx_host_memory_map(&memory, &region), ABX_ERR_PERMISSION, "reading and writing");
    region.backing = ABX_BACKING_FILE_PRIVATE;
    memory = map(&region);
    *(uint8_t *)memory.address = 1;
    abx_host_memory_unmap(&memory);
    close(fd);
}

static void memory_of_the_caller_stays_the_callers(void **state)
{
    (void)state;
    uint8_t *own = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(own != MAP_FAILED);
    abx_memory_region region = region_at(0, 4 * PAGE);
    region.backing = ABX_BACKING_HOST;
    region.host = own;
    abx_host_memory memory = map(&region);
    assert_ptr_equal(memory.address, own);
    assert_failed(abx_host_memory_can_discard(&memory), ABX_ERR_NOT_SUPPORTED, "caller's");
    abx_host_memory_unmap(&memory);
    own[0] = 1;
    munmap(own, 4 * PAGE);
}

/* A child that looks at guest memory dies of it: it was not given to it. */
static void children_do_not_inherit_it(void **state)
{
    (void)state;
    abx_memory_region region = region_at(0, 4 * PAGE);
    abx_host_memory memory = map(&region);
    *(uint8_t *)memory.address = 1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        unsigned char in[4];
        _exit(mincore(memory.address, memory.length, in) < 0 && errno == ENOMEM ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    abx_host_memory_unmap(&memory);
}

static bool transparent_on_request(void)
{
    char text[64] = "";
    int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t got = read(fd, text, sizeof(text) - 1);
        (void)got;
        close(fd);
    }
    return strstr(text, "[madvise]") || strstr(text, "[always]");
}

static void transparent_huge_pages_come_when_asked_for(void **state)
{
    (void)state;
    if (!transparent_on_request()) {
        print_message("the host has no transparent huge pages, or has them switched off\n");
        skip();
    }
    abx_memory_region region = region_at(BLOCK, 4 * BLOCK);
    region.huge_pages = ABX_HUGE_TRANSPARENT;
    abx_host_memory memory = map(&region);
    ((uint8_t *)memory.address)[BLOCK] = 1;
    size_t in = resident(memory.address, memory.length);
    if (in == PAGE) {
        print_message("the host has no free block of 2 MiB at the moment\n");
    } else {
        assert_int_equal(in, BLOCK);
    }
    abx_host_memory_unmap(&memory);
}

static void pool_pages_or_a_clear_answer(void **state, abx_huge_pages kind, uint64_t size)
{
    (void)state;
    static const abx_backing backings[] = { ABX_BACKING_ANONYMOUS, ABX_BACKING_MEMFD };
    size_t done = 0;
    for (size_t i = 0; i < 2; i++) {
        abx_memory_region region = region_at(0, size);
        region.backing = backings[i];
        region.huge_pages = kind;
        abx_host_memory memory;
        size_t descriptors = open_descriptors();
        abx_status status = abx_host_memory_map(&memory, &region);
        if (status != ABX_OK) {
            assert_true(status == ABX_ERR_NO_MEMORY || status == ABX_ERR_NOT_SUPPORTED);
            assert_non_null(strstr(abx_last_error()->message, "huge pages"));
            assert_int_equal(open_descriptors(), descriptors);
            print_message("%s\n", abx_last_error()->message);
            continue;
        }
        assert_int_equal((uintptr_t)memory.address % size, 0);
        *(uint8_t *)memory.address = 1;
        uint64_t first;
        uint64_t last;
        assert_int_equal(abx_host_memory_discard(&memory, 0, size, &first, &last), ABX_OK);
        assert_int_equal(last - first, size);
        assert_int_equal(*(uint8_t *)memory.address, 0);
        abx_host_memory_unmap(&memory);
        done++;
    }
    if (done == 0) {
        skip();
    }
}

static void pool_of_2_mib_pages(void **state)
{
    pool_pages_or_a_clear_answer(state, ABX_HUGE_2M, UINT64_C(2) << 20);
}

static void pool_of_1_gib_pages(void **state)
{
    pool_pages_or_a_clear_answer(state, ABX_HUGE_1G, UINT64_C(1) << 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anonymous_is_zero_and_untouched),
        cmocka_unit_test(more_than_the_host_has_is_possible),
        cmocka_unit_test(addresses_agree_modulo_two_mib),
        cmocka_unit_test(whole_address_space_comes_back),
        cmocka_unit_test(beyond_its_ends_nothing_is_mapped_for_use),
        cmocka_unit_test(memory_file_is_shared_and_cannot_shrink),
        cmocka_unit_test(files_are_shared_or_private),
        cmocka_unit_test(refuses_files_that_do_not_fit),
        cmocka_unit_test(unwritable_file_can_only_be_private),
        cmocka_unit_test(memory_of_the_caller_stays_the_callers),
        cmocka_unit_test(children_do_not_inherit_it),
        cmocka_unit_test(transparent_huge_pages_come_when_asked_for),
        cmocka_unit_test(pool_of_2_mib_pages),
        cmocka_unit_test(pool_of_1_gib_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
