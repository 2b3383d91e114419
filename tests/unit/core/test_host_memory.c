/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "host_memory.h"

#include <arcbox/config.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/abx-host-memory-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes `text` to the file `path` below the root, with its folders. */
static void put(const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof(full), "%s%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(full, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void no_groups_no_limit(void **state)
{
    (void)state;
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
    put("/proc/self/cgroup", "0::/\n");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
}

static void version_2_counts_every_parent(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
    put("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
    put("/sys/fs/cgroup/a/memory.max", "2147483648\n");
    assert_int_equal(abx_cgroup_memory_limit(root), 1024 * MIB);
    put("/sys/fs/cgroup/a/b/c/memory.max", "536870912\n");
    assert_int_equal(abx_cgroup_memory_limit(root), 512 * MIB);
}

static void a_container_sees_its_own_root(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.max", "734003200\n");
    assert_int_equal(abx_cgroup_memory_limit(root), 700 * MIB);
}

static void version_1_counts_too(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "12:cpu,cpuacct:/x\n7:memory:/docker/1234\n0::/init.scope\n");
    put("/sys/fs/cgroup/memory/docker/1234/memory.limit_in_bytes", "629145600\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_int_equal(abx_cgroup_memory_limit(root), 600 * MIB);
    put("/proc/self/cgroup", "7:hugetlb,memory,pids:/docker/1234\n");
    assert_int_equal(abx_cgroup_memory_limit(root), 600 * MIB);
    put("/proc/self/cgroup", "7:memoryless:/docker/1234\n");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
}

static void nonsense_is_no_limit(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "\n:\n0:\nnothing\n0::/a\n0::");
    put("/sys/fs/cgroup/a/memory.max", "12 apples\n");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
    put("/sys/fs/cgroup/a/memory.max", "");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
    put("/sys/fs/cgroup/a/memory.max", "99999999999999999999999999\n");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
    put("/sys/fs/cgroup/a/memory.max", "-1\n");
    assert_true(abx_cgroup_memory_limit(root) == UINT64_MAX);
}

static void half_of_it_within_limits(void **state)
{
    (void)state;
    assert_int_equal(abx_memory_share(8192 * MIB), 4096 * MIB);
    assert_int_equal(abx_memory_share(8193 * MIB + 12345), 4096 * MIB);
    assert_int_equal(abx_memory_share(600 * MIB), 512 * MIB);
    assert_int_equal(abx_memory_share(300 * MIB + 5), 300 * MIB);
    assert_int_equal(abx_memory_share(UINT64_MAX), 16384 * MIB);
    assert_int_equal(abx_memory_share(0), MIB);
}

static void the_default_is_in_range(void **state)
{
    (void)state;
    uint64_t size = abx_default_memory_size();
    assert_int_equal(size % MIB, 0);
    assert_in_range(size, MIB, 16384 * MIB);
    assert_int_equal(size, abx_default_memory_size());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_groups_no_limit, make_root, remove_root),
        cmocka_unit_test_setup_teardown(version_2_counts_every_parent, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_container_sees_its_own_root, make_root, remove_root),
        cmocka_unit_test_setup_teardown(version_1_counts_too, make_root, remove_root),
        cmocka_unit_test_setup_teardown(nonsense_is_no_limit, make_root, remove_root),
        cmocka_unit_test(half_of_it_within_limits),
        cmocka_unit_test(the_default_is_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
