/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/foundation.h"
#include <fcntl.h>
#include <unistd.h>

static void strings_go_both_ways(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    assert_string_equal(abx_ns_text(abx_ns_string("Grüße")), "Grüße");
    assert_string_equal(abx_ns_text(NULL), "");
    assert_null(abx_ns_string(NULL));
    assert_null(abx_ns_string("\xff"));
    objc_autoreleasePoolPop(pool);
}

static void only_paths_become_urls(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    assert_non_null(abx_ns_file_url("/tmp"));
    assert_null(abx_ns_file_url(NULL));
    assert_null(abx_ns_file_url(""));
    assert_null(abx_ns_file_url("/\xc3"));
    objc_autoreleasePoolPop(pool);
}

static void arrays_keep_order(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    id strings[] = { abx_ns_string("a"), abx_ns_string("b") };
    id array = abx_ns_array(strings, 2);
    assert_int_equal(get_number(array, "count"), 2);
    assert_ptr_equal(get_at(array, 1), strings[1]);
    assert_ptr_equal(abx_ns_first(array), strings[0]);
    assert_null(abx_ns_first(abx_ns_array(NULL, 0)));
    assert_null(abx_ns_first(NULL));
    objc_autoreleasePoolPop(pool);
}

static void file_handles_leave_descriptors_open(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    void *pool = objc_autoreleasePoolPush();
    assert_non_null(abx_ns_file_handle(fd));
    assert_null(abx_ns_file_handle(-1));
    objc_autoreleasePoolPop(pool);
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(strings_go_both_ways),
        rig_test(only_paths_become_urls),
        rig_test(arrays_keep_order),
        rig_test(file_handles_leave_descriptors_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
