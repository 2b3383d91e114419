/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "process_census.h"

#include "machine_test.h"
#include "thread.h"

#include <dirent.h>
#include <time.h>

static int entries_of(const char *folder)
{
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    int count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void *do_nothing(void *argument)
{
    return argument;
}

void process_census_begin(void)
{
    pthread_t thread;
    assert_int_equal(abx_thread_start(&thread, do_nothing, NULL, "first"), ABX_OK);
    pthread_join(thread, NULL);
}

process_census process_census_take(void)
{
    return (process_census){ entries_of("/proc/self/fd"), entries_of("/proc/self/task") };
}

void process_census_await(const process_census *expected)
{
    const struct timespec moment = { .tv_nsec = 100000 };
    process_census now = process_census_take();
    assert_int_equal(now.descriptors, expected->descriptors);
    for (int tries = 0; now.threads != expected->threads; tries++) {
        assert_true(tries < 10000);
        nanosleep(&moment, NULL);
        now = process_census_take();
    }
}
