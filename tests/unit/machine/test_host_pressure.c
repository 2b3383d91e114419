/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The system's word on its memory, where the kernel gives it to this process. */
#include "machine_test.h"

#include "host_pressure.h"
#include "process_census.h"

#include <unistd.h>

static void pressed(void *argument)
{
    (*(unsigned *)argument)++;
}

/* Anything but a watch or a clear word why there is none would be a mistake; nothing is left of either. */
static void it_is_watched_or_says_why_not(void **state)
{
    (void)state;
    abx_loop *loop;
    abx_host_pressure *one = NULL, *other = NULL;
    unsigned calls = 0;
    assert_int_equal(abx_loop_new(&loop), ABX_OK);
    abx_loop_dispatch(loop);
    process_census before = process_census_take();
    abx_status status = abx_host_pressure_new(&one, loop, pressed, &calls);
    if (status == ABX_OK) {
        assert_int_equal(abx_host_pressure_new(&other, loop, pressed, &calls), ABX_OK); /* as many as one likes */
        abx_loop_dispatch(loop);
    } else {
        assert_true(status == ABX_ERR_NOT_SUPPORTED || status == ABX_ERR_PERMISSION);
        assert_non_null(abx_last_error()->advice);
        assert_null(one);
    }
    abx_host_pressure_free(one);
    abx_host_pressure_free(other);
    abx_host_pressure_free(NULL);
    abx_loop_dispatch(loop);
    process_census_await(&before);
    abx_loop_free(loop);
    if (access("/proc/pressure/memory", R_OK | W_OK) == 0)
        assert_int_equal(status, ABX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_watched_or_says_why_not) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
