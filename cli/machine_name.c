/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_name.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char suffix[] = ".sock";

bool cli_machine_folder(char folder[CLI_MACHINE_PATH_MAX])
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int length = runtime && *runtime == '/'
                     ? snprintf(folder, CLI_MACHINE_PATH_MAX, "%s/arcbox", runtime)
                     : snprintf(folder, CLI_MACHINE_PATH_MAX, "/tmp/arcbox-%lu", (unsigned long)geteuid());
    if (length > 0 && length < CLI_MACHINE_PATH_MAX)
        return true;
    cli_complain("XDG_RUNTIME_DIR: the path of a socket has about a hundred bytes at most");
    return false;
}

static bool is_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(name);
    return length > 0 && length <= CLI_MACHINE_NAME_MAX && strspn(name, allowed) == length && *name != '.' &&
           *name != '-';
}

bool cli_machine_path(const char *name, char path[CLI_MACHINE_PATH_MAX])
{
    char folder[CLI_MACHINE_PATH_MAX];
    if (!is_name(name)) {
        cli_complain("'%s' is no name of a machine: letters, digits, '.', '_' and '-', at most %d", name,
                     CLI_MACHINE_NAME_MAX);
        return false;
    }
    if (!cli_machine_folder(folder))
        return false;
    int length = snprintf(path, CLI_MACHINE_PATH_MAX, "%s/%s%s", folder, name, suffix);
    if (length > 0 && length < CLI_MACHINE_PATH_MAX)
        return true;
    cli_complain("%s/%s%s: the path of a socket has about a hundred bytes at most", folder, name, suffix);
    return false;
}

/* Without its ending; false: it is no socket of a machine. */
static bool take_name(const char *file, char name[CLI_MACHINE_NAME_MAX + 1])
{
    size_t length = strlen(file), tail = strlen(suffix);
    if (length <= tail || length - tail > CLI_MACHINE_NAME_MAX || strcmp(file + length - tail, suffix) != 0)
        return false;
    memcpy(name, file, length - tail);
    name[length - tail] = '\0';
    return is_name(name);
}

static int compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

static bool add_name(cli_machine_names *names, const char name[CLI_MACHINE_NAME_MAX + 1])
{
    void *more = realloc(names->names, (names->count + 1) * sizeof(names->names[0]));
    if (!more) {
        cli_complain("there is no memory");
        return false;
    }
    names->names = more;
    memcpy(names->names[names->count++], name, CLI_MACHINE_NAME_MAX + 1);
    return true;
}

bool cli_machine_names_read(cli_machine_names *names)
{
    char folder[CLI_MACHINE_PATH_MAX], name[CLI_MACHINE_NAME_MAX + 1] = "";
    *names = (cli_machine_names){ 0 };
    if (!cli_machine_folder(folder))
        return false;
    DIR *open = opendir(folder);
    if (!open && errno == ENOENT)
        return true;
    if (!open) {
        cli_complain("%s: %s", folder, strerror(errno));
        return false;
    }
    bool good = true;
    for (const struct dirent *entry = readdir(open); entry && good; entry = readdir(open))
        if (take_name(entry->d_name, name))
            good = add_name(names, name);
    closedir(open);
    if (good && names->count > 0)
        qsort(names->names, names->count, sizeof(names->names[0]), compare);
    return good;
}

void cli_machine_names_free(cli_machine_names *names)
{
    free(names->names);
    *names = (cli_machine_names){ 0 };
}
