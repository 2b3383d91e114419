/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "nested.h"
#include "kvm_backend.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Puts the path of a module's folder, or of one of its parameters, into `path`. */
static bool module_path(char path[PATH_MAX], const abx_nested_sources *sources, const char *module,
                        const char *parameter)
{
    int length = snprintf(path, PATH_MAX, "%s/sys/module/%s%s%s", sources->root, module,
                          parameter ? "/parameters/" : "", parameter ? parameter : "");
    return length > 0 && length < PATH_MAX;
}

bool abx_nested_has_module(const abx_nested_sources *sources, const char *module)
{
    char path[PATH_MAX];
    struct stat status;
    return module_path(path, sources, module, NULL) && stat(path, &status) == 0;
}

bool abx_nested_module_flag(const abx_nested_sources *sources, const char *module, const char *parameter,
                            bool otherwise)
{
    char path[PATH_MAX];
    if (!module_path(path, sources, module, parameter))
        return otherwise;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return otherwise;
    char value = 0;
    ssize_t got = read(fd, &value, 1);
    close(fd);
    if (got != 1)
        return otherwise;
    return value == 'Y' || value == 'y' || (value >= '1' && value <= '9');
}

abx_nesting abx_kvm_nested_host(char signature[16])
{
    return abx_nested_host(&abx_nested_this_host, signature);
}
