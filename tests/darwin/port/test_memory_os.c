/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../../unit/core/cmocka_all.h"
#include "memory_os.h"

#include <errno.h>
#include <fcntl.h>
#include <mach/vm_inherit.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t LENGTH = (size_t)4 << 20;

static struct {
    void *address;
    size_t length;
    int how;
} inherited;

int minherit(void *address, size_t length, int inherit)
{
    inherited.address = address;
    inherited.length = length;
    inherited.how = inherit;
    return 0;
}

static void a_memory_file_has_its_length_and_no_name(void **state)
{
    (void)state;
    struct stat status;
    int fd = abx_memory_os_file(LENGTH, ABX_HUGE_NONE);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, LENGTH);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(status.st_mode & 077, 0);
    close(fd);
}

static void two_mappings_of_it_share_their_pages(void **state)
{
    (void)state;
    int fd = abx_memory_os_file(LENGTH, ABX_HUGE_NEVER);
    int flags = abx_memory_os_map_flags(ABX_BACKING_MEMFD, ABX_HUGE_NEVER);
    assert_true(fd >= 0 && flags >= 0);
    assert_int_equal(flags & MAP_ANONYMOUS, 0);
    char *one = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, flags | MAP_SHARED, fd, 0);
    char *two = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, flags | MAP_SHARED, fd, 0);
    assert_true(one != MAP_FAILED && two != MAP_FAILED);
    one[LENGTH - 1] = 7;
    assert_int_equal(two[LENGTH - 1], 7);
    munmap(one, LENGTH);
    munmap(two, LENGTH);
    close(fd);
}

static void anonymous_memory_needs_no_file(void **state)
{
    (void)state;
    int flags = abx_memory_os_map_flags(ABX_BACKING_ANONYMOUS, ABX_HUGE_NONE);
    char *memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, flags | MAP_PRIVATE, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(memory[LENGTH - 1], 0);
    munmap(memory, LENGTH);
}

static void children_get_none_of_it(void **state)
{
    (void)state;
    char memory[16];
    assert_int_equal(abx_memory_os_advise(memory, sizeof(memory), ABX_HUGE_NEVER), 0);
    assert_ptr_equal(inherited.address, memory);
    assert_int_equal(inherited.length, sizeof(memory));
    assert_int_equal(inherited.how, VM_INHERIT_NONE);
}

static void there_are_no_huge_pages(void **state)
{
    (void)state;
    static const abx_huge_pages pools[] = { ABX_HUGE_2M, ABX_HUGE_1G };
    char memory[16];
    for (size_t i = 0; i < 2; i++) {
        errno = 0;
        assert_int_equal(abx_memory_os_map_flags(ABX_BACKING_ANONYMOUS, pools[i]), -1);
        assert_int_equal(errno, EINVAL);
        errno = 0;
        assert_int_equal(abx_memory_os_file(LENGTH, pools[i]), -1);
        assert_int_equal(errno, EINVAL);
    }
    errno = 0;
    assert_int_equal(abx_memory_os_advise(memory, sizeof(memory), ABX_HUGE_TRANSPARENT), -1);
    assert_int_equal(errno, EINVAL);
}

static void nothing_is_forgotten_on_advice(void **state)
{
    (void)state;
    char memory[16];
    errno = 0;
    assert_int_equal(abx_memory_os_drop_private(memory, sizeof(memory)), -1);
    assert_int_equal(errno, EOPNOTSUPP);
    errno = 0;
    assert_int_equal(abx_memory_os_drop_file(0, 0, 16384), -1);
    assert_int_equal(errno, EOPNOTSUPP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memory_file_has_its_length_and_no_name),
        cmocka_unit_test(two_mappings_of_it_share_their_pages),
        cmocka_unit_test(anonymous_memory_needs_no_file),
        cmocka_unit_test(children_get_none_of_it),
        cmocka_unit_test(there_are_no_huge_pages),
        cmocka_unit_test(nothing_is_forgotten_on_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
