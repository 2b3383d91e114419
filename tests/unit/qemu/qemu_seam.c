/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_seam.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int countdown;
static const char *_Atomic failed;
static atomic_long held;

void qemu_seam_fail(int n)
{
    failed = NULL;
    countdown = n;
}

const char *qemu_seam_failed(void)
{
    return failed;
}

long qemu_seam_held(void)
{
    return held;
}

static bool fails(const char *name)
{
    if (countdown <= 0 || atomic_fetch_sub(&countdown, 1) != 1)
        return false;
    failed = name;
    return true;
}

static void *taken(void *block)
{
    held += block != NULL;
    return block;
}

/* A function that returns `result` with errno `error` when it fails. */
#define SEAM(type, name, parameters, arguments, result, error)                                                         \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        if (fails(#name)) {                                                                                            \
            errno = (error);                                                                                           \
            return result;                                                                                             \
        }                                                                                                              \
        return __real_##name arguments;                                                                                \
    }

/* The same for one that returns memory. */
#define SEAM_TAKES(type, name, parameters, arguments)                                                                  \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        if (fails(#name)) {                                                                                            \
            errno = ENOMEM;                                                                                            \
            return NULL;                                                                                               \
        }                                                                                                              \
        return taken(__real_##name arguments);                                                                         \
    }

SEAM_TAKES(void *, malloc, (size_t size), (size))
SEAM_TAKES(void *, calloc, (size_t count, size_t size), (count, size))
SEAM_TAKES(char *, strdup, (const char *text), (text))
SEAM(int, pipe2, (int ends[2], int flags), (ends, flags), -1, EMFILE)
SEAM(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends), -1, EMFILE)
SEAM(int, eventfd, (unsigned initial, int flags), (initial, flags), -1, EMFILE)
SEAM(ssize_t, getrandom, (void *bytes, size_t size, unsigned flags), (bytes, size, flags), -1, ENOSYS)
SEAM(pid_t, setsid, (void), (), -1, EPERM)
SEAM(int, dup2, (int from, int to), (from, to), -1, EMFILE)
SEAM(int, execv, (const char *path, char *const argv[]), (path, argv), -1, ENOMEM)
SEAM(int, poll, (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout), -1, ENOMEM)
SEAM(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), -1, EIO)
SEAM(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1, EIO)
SEAM(ssize_t, send, (int fd, const void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1, EIO)
SEAM(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *attributes), (cond, attributes), EAGAIN,
     EAGAIN)
SEAM(int, pthread_create, (pthread_t * thread, const pthread_attr_t *attributes, void *(*body)(void *), void *context),
     (thread, attributes, body, context), EAGAIN, EAGAIN)

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    if (fails("realloc"))
        return NULL;
    void *fresh = __real_realloc(block, size);
    held += fresh && !block;
    return fresh;
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    held -= block != NULL;
    __real_free(block);
}

int __real_vasprintf(char **text, const char *format, va_list values);
int __wrap_vasprintf(char **text, const char *format, va_list values);
int __wrap_vasprintf(char **text, const char *format, va_list values)
{
    if (fails("vasprintf"))
        return -1;
    int length = __real_vasprintf(text, format, values);
    held += length >= 0;
    return length;
}

int __wrap_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int length = fails("asprintf") ? -1 : __real_vasprintf(text, format, values);
    va_end(values);
    held += length >= 0;
    return length;
}

/* pidfd_open and close_range; no call of the backend has more arguments. */
long __real_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d);
long __wrap_syscall(long number, long a, long b, long c, long d)
{
    if (!fails("syscall"))
        return __real_syscall(number, a, b, c, d);
    errno = EMFILE;
    return -1;
}
