/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_seam.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
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
SEAM(int, open64, (const char *path, int flags, mode_t mode), (path, flags, mode), -1, ENFILE)
SEAM(int, access, (const char *path, int mode), (path, mode), -1, EIO)
SEAM(int, stat64, (const char *path, struct stat64 *file), (path, file), -1, EIO)
SEAM(int, fstat64, (int fd, struct stat64 *file), (fd, file), -1, EIO)
SEAM(off_t, lseek64, (int fd, off_t offset, int whence), (fd, offset, whence), -1, EIO)
SEAM(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old), -1, EINVAL)
SEAM(int, poll, (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout), -1, ENOMEM)
SEAM(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), -1, EIO)
SEAM(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1, EIO)
SEAM(ssize_t, send, (int fd, const void *bytes, size_t size, int flags), (fd, bytes, size, flags), -1, EIO)
SEAM(int, pthread_cond_init, (pthread_cond_t * cond, const pthread_condattr_t *attributes), (cond, attributes), EAGAIN,
     EAGAIN)
SEAM(int, pthread_create, (pthread_t * thread, const pthread_attr_t *attributes, void *(*body)(void *), void *context),
     (thread, attributes, body, context), EAGAIN, EAGAIN)

/* Of those with a third argument all are integers. */
int __real_fcntl64(int fd, int command, long argument);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list values;
    va_start(values, command);
    long argument = va_arg(values, long);
    va_end(values);
    if (!fails("fcntl"))
        return __real_fcntl64(fd, command, argument);
    errno = EMFILE;
    return -1;
}

int __real_prctl(int option, unsigned long argument);
int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
    va_list values;
    va_start(values, option);
    unsigned long argument = va_arg(values, unsigned long);
    va_end(values);
    if (!fails("prctl"))
        return __real_prctl(option, argument);
    errno = EINVAL;
    return -1;
}

/* Looking does not fail: the child does so once for each signal. */
int __real_sigaction(int number, const struct sigaction *action, struct sigaction *old);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *old);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *old)
{
    if (!action || !fails("sigaction"))
        return __real_sigaction(number, action, old);
    errno = EINVAL;
    return -1;
}

/* Nor does giving a thread its old mask back. */
int __real_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    return old && fails("pthread_sigmask") ? EINVAL : __real_pthread_sigmask(how, set, old);
}

/* It fails for one reason: somebody else has collected the child. */
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    siginfo_t unseen;
    if (options & WNOWAIT || !fails("waitid"))
        return __real_waitid(type, id, info, options);
    __real_waitid(type, id, &unseen, options);
    errno = ECHILD;
    return -1;
}

/* vfork returns twice into the frame of who called it, where none of ours may be between: hence the jump. */
pid_t __wrap_vfork(void);
int qemu_seam_vfork_fails(void);
int qemu_seam_vfork_fails(void)
{
    errno = EAGAIN;
    return fails("vfork");
}

#ifdef __x86_64__
__asm__(".text\n"
        ".globl __wrap_vfork\n"
        ".type __wrap_vfork, @function\n"
        "__wrap_vfork:\n"
        "    endbr64\n"
        "    subq $8, %rsp\n"
        "    call qemu_seam_vfork_fails\n"
        "    addq $8, %rsp\n"
        "    testl %eax, %eax\n"
        "    jz __real_vfork@PLT\n"
        "    movl $-1, %eax\n"
        "    ret\n"
        ".size __wrap_vfork, . - __wrap_vfork\n");
#else
__asm__(".text\n"
        ".globl __wrap_vfork\n"
        ".type __wrap_vfork, %function\n"
        "__wrap_vfork:\n"
        "    stp x29, x30, [sp, #-16]!\n"
        "    bl qemu_seam_vfork_fails\n"
        "    ldp x29, x30, [sp], #16\n"
        "    cbnz w0, 1f\n"
        "    b __real_vfork\n"
        "1:  mov w0, #-1\n"
        "    ret\n"
        ".size __wrap_vfork, . - __wrap_vfork\n");
#endif

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
