/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "deadline.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    while (readdir(entries))
        count++;
    closedir(entries);
    return count;
}

size_t count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

static void *do_nothing(void *context)
{
    return context;
}

size_t count_threads(void)
{
    /* Sanitizers start a thread of their own with the program's first one. */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, do_nothing, NULL), 0);
    pthread_join(thread, NULL);
    return count_entries("/proc/self/task");
}

void assert_threads(size_t count)
{
    abx_deadline deadline = abx_deadline_in(PATIENCE_MS);
    while (count_entries("/proc/self/task") > count && abx_deadline_left(deadline) > 0)
        sched_yield();
    assert_true(count_entries("/proc/self/task") <= count);
}

void assert_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
}

static pid_t parent_of(pid_t pid)
{
    char path[64];
    int parent = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1)
        parent = 0;
    fclose(file);
    return parent;
}

pid_t find_child(pid_t parent)
{
    pid_t found = 0;
    DIR *processes = opendir("/proc");
    assert_non_null(processes);
    for (struct dirent *entry = readdir(processes); entry && !found; entry = readdir(processes)) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == parent)
            found = pid;
    }
    closedir(processes);
    return found;
}

bool wait_until_readable(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    int count;
    do
        count = poll(&ready, 1, PATIENCE_MS);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

bool wait_until_gone(pid_t pid)
{
    int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pid_fd < 0)
        return errno == ESRCH;
    bool gone = wait_until_readable(pid_fd);
    close(pid_fd);
    return gone;
}
