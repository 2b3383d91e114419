/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "process_census.h"

#include "machine_test.h"
#include "thread.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

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

static void *tell_task(void *argument)
{
    *(int *)argument = gettid();
    return NULL;
}

/* A thread that was joined may still be on its way out of the kernel's list. */
static bool await(bool (*is_so)(const void *payload), const void *payload)
{
    const struct timespec moment = { .tv_nsec = 100000 };
    for (int tries = 0; tries < 10000; tries++) {
        if (is_so(payload))
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

static bool is_gone(const void *payload)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/task/%d", *(const int *)payload);
    return access(path, F_OK) < 0;
}

static bool has_no_more_threads(const void *payload)
{
    return process_census_take().threads <= *(const int *)payload;
}

void process_census_begin(void)
{
    pthread_t thread;
    int task = 0;
    assert_int_equal(abx_thread_start(&thread, tell_task, &task, "first"), ABX_OK);
    pthread_join(thread, NULL);
    assert_true(await(is_gone, &task));
}

process_census process_census_take(void)
{
    return (process_census){ entries_of("/proc/self/fd"), entries_of("/proc/self/task") };
}

void process_census_await(const process_census *expected)
{
    assert_int_equal(process_census_take().descriptors, expected->descriptors);
    assert_true(await(has_no_more_threads, &expected->threads));
}
