/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../../unit/core/cmocka_all.h"
#include "host_memory.h"

#include <arcbox/config.h>

#include <errno.h>
#include <string.h>
#include <sys/sysctl.h>

static uint64_t host_has; /* 0: the system does not say */

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size)
{
    assert_string_equal(name, "hw.memsize");
    assert_null(new_value);
    assert_int_equal(new_size, 0);
    assert_int_equal(*old_size, sizeof(host_has));
    if (host_has == 0) {
        errno = ENOENT;
        return -1;
    }
    memcpy(old, &host_has, sizeof(host_has));
    return 0;
}

static void it_is_what_the_system_says(void **state)
{
    (void)state;
    host_has = UINT64_C(24) << 30;
    assert_true(abx_host_memory_size() == host_has);
    assert_true(abx_default_memory_size() == UINT64_C(12) << 30);
}

static void a_system_that_does_not_say_counts_as_small(void **state)
{
    (void)state;
    host_has = 0;
    assert_true(abx_host_memory_size() == UINT64_C(1) << 30);
    assert_true(abx_default_memory_size() == UINT64_C(512) << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_system_says),
        cmocka_unit_test(a_system_that_does_not_say_counts_as_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
