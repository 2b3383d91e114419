/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool default_path(char *path, size_t size)
{
    const char *base = getenv("XDG_CACHE_HOME");
    const char *below = "arcbox/kernels";
    if (!base || base[0] != '/') { /* XDG Base Directory Specification 0.8: a relative path is to be ignored */
        base = getenv("HOME");
        below = ".cache/arcbox/kernels";
    }
    if (!base || base[0] != '/') {
        return false;
    }
    int length = snprintf(path, size, "%s/%s", base, below);
    return length > 0 && (size_t)length < size;
}

/* Makes every folder on the way that is missing. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* whether it is there now shows when the last one is opened */
        *slash = '/';
    }
    (void)mkdir(path, 0700);
}

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int abx_cache_folder_open(const char *path)
{
    char name[PATH_MAX];
    if (!path) {
        if (!default_path(name, sizeof(name))) {
            return -1;
        }
    } else if (!path[0] || strlen(path) >= sizeof(name)) {
        return -1;
    } else {
        memcpy(name, path, strlen(path) + 1);
    }
    int folder = open_folder(name);
    if (folder < 0 && errno == ENOENT) {
        make_folders(name);
        folder = open_folder(name);
    }
    struct stat status;
    if (folder >= 0 && (fstat(folder, &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 022))) {
        close(folder);
        folder = -1;
    }
    return folder;
}

static bool has_suffix(const char *name, const char *suffix)
{
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot + 1, suffix) == 0;
}

static time_t last_use(const struct stat *status)
{
    return status->st_atime > status->st_mtime ? status->st_atime : status->st_mtime;
}

/* The number of kernels, and the name of the one used longest ago. */
static size_t find_oldest(int folder, DIR *list, char oldest[NAME_MAX + 1])
{
    size_t count = 0;
    time_t oldest_use = 0;
    rewinddir(list);
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        struct stat status;
        if (!has_suffix(entry->d_name, ABX_CACHE_KERNEL) ||
            fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (count == 0 || last_use(&status) < oldest_use) {
            (void)snprintf(oldest, NAME_MAX + 1, "%s", entry->d_name);
            oldest_use = last_use(&status);
        }
        count++;
    }
    return count;
}

static void remove_left_overs(int folder, DIR *list)
{
    const time_t an_hour = 3600; /* nobody unpacks a kernel for that long */
    time_t now = time(NULL);
    rewinddir(list);
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        struct stat status;
        bool dangling = has_suffix(entry->d_name, ABX_CACHE_INDEX) && fstatat(folder, entry->d_name, &status, 0) != 0 &&
                        errno == ENOENT;
        bool abandoned = has_suffix(entry->d_name, ABX_CACHE_NEW) &&
                         fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                         now - status.st_mtime > an_hour;
        if (dangling || abandoned) {
            (void)unlinkat(folder, entry->d_name, 0); /* another program may have been faster */
        }
    }
}

void abx_cache_folder_prune(int folder, size_t keep)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
    if (!list) {
        if (copy >= 0) {
            close(copy);
        }
        return;
    }
    char oldest[NAME_MAX + 1];
    while (find_oldest(folder, list, oldest) > keep && unlinkat(folder, oldest, 0) == 0) {
    }
    remove_left_overs(folder, list);
    closedir(list);
}
