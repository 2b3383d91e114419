/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_memory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number in a control group's file; UINT64_MAX for "max", for no such file and for anything else. */
static uint64_t read_limit(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    char line[32];
    uint64_t limit = UINT64_MAX;
    if (fgets(line, sizeof(line), file) && line[0] >= '0' && line[0] <= '9') {
        char *end;
        errno = 0;
        unsigned long long value = strtoull(line, &end, 10);
        if (errno == 0 && (*end == '\n' || *end == '\0'))
            limit = value;
    }
    fclose(file);
    return limit;
}

/* The smallest limit of the group `path` below `mount` and of its parents: every one of them counts. */
static uint64_t limit_of_group(const char *mount, const char *path, const char *name)
{
    char group[PATH_MAX];
    char file[PATH_MAX + 32];
    uint64_t limit = UINT64_MAX;
    int length = snprintf(group, sizeof(group), "%s%s", mount, path);
    if (length < 0 || (size_t)length >= sizeof(group))
        return limit;
    for (;;) {
        snprintf(file, sizeof(file), "%s/%s", group, name);
        limit = smaller(limit, read_limit(file));
        char *slash = strrchr(group, '/');
        if (!slash || (size_t)(slash - group) < strlen(mount))
            return limit;
        *slash = '\0';
    }
}

/* Whether `list`, "cpu,memory" and the like, names the memory controller (cgroups(7), /proc/[pid]/cgroup). */
static bool controls_memory(const char *list, size_t length)
{
    static const char memory[] = "memory";
    for (size_t start = 0; start <= length;) {
        size_t end = start;
        while (end < length && list[end] != ',')
            end++;
        if (end - start == sizeof(memory) - 1 && memcmp(list + start, memory, end - start) == 0)
            return true;
        start = end + 1;
    }
    return false;
}

/* One line of /proc/self/cgroup: "0::/path" (version 2) or "N:controllers:/path" (version 1). */
static uint64_t limit_of_line(const char *root, char *line)
{
    char mount[PATH_MAX];
    line[strcspn(line, "\n")] = '\0';
    const char *list = strchr(line, ':');
    const char *path = list ? strchr(list + 1, ':') : NULL;
    if (!path)
        return UINT64_MAX;
    size_t length = (size_t)(path - list) - 1;
    if (length == 0) {
        snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup", root);
        return limit_of_group(mount, path + 1, "memory.max");
    }
    if (!controls_memory(list + 1, length))
        return UINT64_MAX;
    snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/memory", root);
    return limit_of_group(mount, path + 1, "memory.limit_in_bytes");
}

uint64_t abx_cgroup_memory_limit(const char *root)
{
    char line[PATH_MAX + 256];
    snprintf(line, sizeof(line), "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "re");
    if (!file)
        return UINT64_MAX;
    uint64_t limit = UINT64_MAX;
    while (fgets(line, sizeof(line), file))
        limit = smaller(limit, limit_of_line(root, line));
    fclose(file);
    return limit;
}

uint64_t abx_host_memory_size(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    /* A host that does not say counts as a small one. */
    uint64_t host = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 1024 * MIB;
    return smaller(host, abx_cgroup_memory_limit(""));
}
