/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

static _Thread_local int left;
static _Thread_local bool hit;

void fault_arm(int n)
{
    left = n;
    hit = false;
}

bool fault_disarm(void)
{
    left = 0;
    return hit;
}

static bool fails(int error)
{
    if (left == 0 || --left > 0) {
        return false;
    }
    hit = true;
    errno = error;
    return true;
}

/* A call that the linker leads here: the real one, unless it is its turn to fail. */
#define WRAP(type, failed, error, name, parameters, arguments)                                                         \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails(error) ? (failed) : __real_##name arguments;                                                      \
    }

WRAP(void *, NULL, ENOMEM, malloc, (size_t size), (size))
WRAP(void *, NULL, ENOMEM, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, NULL, ENOMEM, realloc, (void *old, size_t size), (old, size))
WRAP(void *, MAP_FAILED, ENOMEM, mmap64, (void *at, size_t length, int prot, int flags, int fd, off_t offset),
     (at, length, prot, flags, fd, offset))
WRAP(int, -1, ENOMEM, munmap, (void *at, size_t length), (at, length))
WRAP(int, -1, ENOMEM, madvise, (void *at, size_t length, int advice), (at, length, advice))
WRAP(int, -1, ENOMEM, mprotect, (void *at, size_t length, int protection), (at, length, protection))
WRAP(int, -1, EIO, fstat64, (int fd, struct stat *file), (fd, file))
WRAP(int, -1, EMFILE, memfd_create, (const char *name, unsigned int flags), (name, flags))
WRAP(int, -1, ENOSPC, ftruncate64, (int fd, off_t length), (fd, length))
WRAP(int, -1, ENOSPC, fallocate64, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length))
WRAP(int, EAGAIN, EAGAIN, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes),
     (mutex, attributes))
WRAP(int, EAGAIN, EAGAIN, pthread_cond_init, (pthread_cond_t * condition, const pthread_condattr_t *attributes),
     (condition, attributes))

int __real_fcntl64(int fd, int command, long argument);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    long argument = va_arg(list, long);
    va_end(list);
    return fails(EBUSY) ? -1 : __real_fcntl64(fd, command, argument);
}
