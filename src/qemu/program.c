/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "program.h"
#include "deadline.h"
#include "process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first with "-action", which says what a guest's reset, shutdown and panic lead to. */
#define MINIMUM_MAJOR 6u

#define ANSWER_MS 10000

/* The program's own name says what it is for: its folder may be called anything. */
static const char *package_advice(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *own = slash ? slash + 1 : name;
    if (strstr(own, "aarch64") || strstr(own, "arm"))
        return "Install QEMU 6.0 or newer (Debian: apt-get install qemu-system-arm), or say where it is.";
    return "Install QEMU 6.0 or newer (Debian: apt-get install qemu-system-x86), or say where it is.";
}

/* 0, or why `path` cannot be run. */
static int check_executable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno;
}

/* The first executable file called `name` in the folders of PATH; NULL: there is none, or no memory. */
static char *search(const char *name)
{
    const char *folders = getenv("PATH");
    if (!folders)
        folders = "/usr/local/bin:/usr/bin:/bin";
    while (*folders) {
        size_t length = strcspn(folders, ":");
        char *candidate = NULL;
        /* An empty element would mean the current folder: nobody wants to run what happens to lie there. */
        if (length > 0 && asprintf(&candidate, "%.*s/%s", (int)length, folders, name) < 0)
            return NULL;
        if (candidate && check_executable(candidate) == 0)
            return candidate;
        free(candidate);
        folders += length;
        folders += *folders == ':';
    }
    return NULL;
}

char *abx_program_look_up(const char *name)
{
    if (!strchr(name, '/'))
        return search(name);
    return check_executable(name) == 0 ? strdup(name) : NULL;
}

abx_status abx_program_find(char **path, const char *name)
{
    char *found = abx_program_look_up(name);
    if (found) {
        *path = found;
        return ABX_OK;
    }
    if (!strchr(name, '/'))
        return abx_fail(ABX_ERR_NOT_FOUND, 0, package_advice(name), "find %s in PATH", name);
    int error = check_executable(name);
    if (!error)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "find %s", name);
    return abx_fail(abx_status_of_errno(error), error, error == ENOENT ? package_advice(name) : NULL, "find %s", name);
}

static bool parse_number(const char **text, unsigned *number)
{
    const char *digit = *text;
    unsigned value = 0;
    while (*digit >= '0' && *digit <= '9' && value < 100000)
        value = value * 10 + (unsigned)(*digit++ - '0');
    if (digit == *text)
        return false;
    *text = digit;
    *number = value;
    return true;
}

bool abx_program_parse_version(abx_qemu_version *version, const char *text)
{
    static const char start[] = "QEMU emulator version ";
    abx_qemu_version fresh = { 0 };
    const char *at = strstr(text, start);
    if (!at)
        return false;
    at += sizeof(start) - 1;
    if (!parse_number(&at, &fresh.major) || *at++ != '.' || !parse_number(&at, &fresh.minor))
        return false;
    if (*at == '.') {
        at++;
        if (!parse_number(&at, &fresh.micro))
            return false;
    }
    *version = fresh;
    return true;
}

/* Reads until the end, a full buffer or the deadline. */
static void read_answer(int fd, char *answer, size_t size)
{
    abx_deadline deadline = abx_deadline_in(ANSWER_MS);
    size_t length = 0;
    while (length < size - 1) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        int count = poll(&ready, 1, abx_deadline_left(deadline));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        ssize_t more = read(fd, answer + length, size - 1 - length);
        if (more == 0)
            break;
        if (more > 0)
            length += (size_t)more;
        else if (errno != EINTR && errno != EAGAIN)
            break;
    }
    answer[length] = '\0';
}

abx_status abx_program_version(abx_qemu_version *version, const char *path)
{
    char *const argv[] = { (char *)(uintptr_t)path, "--version", NULL };
    abx_process process;
    abx_status status = abx_process_spawn(&process, path, argv, NULL, 0);
    if (status != ABX_OK)
        return status;
    char answer[1024];
    read_answer(process.output_fd, answer, sizeof(answer));
    abx_process_kill(&process);
    abx_process_wait(&process);
    if (!abx_program_parse_version(version, answer))
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "It does not answer as QEMU does when asked for its version.",
                        "ask %s for its version", path);
    return ABX_OK;
}

abx_status abx_program_check(const abx_qemu_version *version, const char *path)
{
    if (version->major >= MINIMUM_MAJOR)
        return ABX_OK;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, package_advice(path), "use %s, which is version %u.%u.%u", path,
                    version->major, version->minor, version->micro);
}
