/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "contract.h"
#include "contract_os.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

int contract_os_event(void)
{
    return eventfd(0, EFD_CLOEXEC);
}

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

size_t contract_os_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

size_t contract_os_threads(void)
{
    return count_entries("/proc/self/task");
}

size_t contract_os_mappings(void)
{
    char line[512];
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps))
        count += strchr(line, '\n') != NULL;
    fclose(maps);
    return count;
}

bool contract_os_has_child(void)
{
    return waitpid(-1, NULL, WNOHANG | __WALL) != -1 || errno != ECHILD;
}
