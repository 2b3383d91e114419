/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_seam.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned countdown;
static kvm_seam_call failed;
static long blocks;
static long mapped;
static bool in_kernel; /* what the fake kernel calls is not the library's */

void kvm_seam_fail(unsigned n)
{
    countdown = n;
    failed = (kvm_seam_call){ .name = NULL };
}

kvm_seam_call kvm_seam_failed(void)
{
    return failed;
}

long kvm_seam_blocks(void)
{
    return blocks;
}

long kvm_seam_mapped(void)
{
    return mapped;
}

static bool call_fails(const char *name, unsigned long request, int error)
{
    if (in_kernel || countdown == 0 || --countdown > 0)
        return false;
    failed = (kvm_seam_call){ name, request };
    errno = error;
    return true;
}

static bool fails(const char *name, int error)
{
    return call_fails(name, 0, error);
}

static void *taken(void *block)
{
    blocks += block != NULL;
    return block;
}

/* A call that returns `result` when it is its turn to fail. */
#define SEAM(type, name, parameters, arguments, result, error)                                                         \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails(#name, error) ? (result) : __real_##name arguments;                                               \
    }

/* The same for one that returns memory. */
#define SEAM_TAKES(type, name, parameters, arguments)                                                                  \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails(#name, ENOMEM) ? NULL : taken(__real_##name arguments);                                           \
    }

SEAM_TAKES(void *, malloc, (size_t size), (size))
SEAM_TAKES(void *, calloc, (size_t count, size_t size), (count, size))
SEAM_TAKES(char *, strdup, (const char *text), (text))
SEAM(int, eventfd, (unsigned initial, int flags), (initial, flags), -1, EMFILE)
SEAM(int, memfd_create, (const char *name, unsigned flags), (name, flags), -1, EMFILE)
SEAM(int, open64, (const char *path, int flags, mode_t mode), (path, flags, mode), -1, ENFILE)
SEAM(int, stat64, (const char *path, struct stat64 *file), (path, file), -1, EACCES)
SEAM(int, fstat64, (int fd, struct stat64 *file), (fd, file), -1, EIO)
SEAM(int, ftruncate64, (int fd, off_t length), (fd, length), -1, ENOSPC)
SEAM(int, fallocate64, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length), -1, ENOSPC)
SEAM(int, madvise, (void *at, size_t length, int advice), (at, length, advice), -1, ENOMEM)
SEAM(int, mprotect, (void *at, size_t length, int protection), (at, length, protection), -1, ENOMEM)
SEAM(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), -1, EIO)
SEAM(ssize_t, pread64, (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset), -1, EIO)
SEAM(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old), (number, action, old), -1,
     EINVAL)
SEAM(int, pthread_sigmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old), EINVAL, EINVAL)
SEAM(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t *attributes), (mutex, attributes),
     EAGAIN, EAGAIN)
SEAM(int, pthread_cond_init, (pthread_cond_t * condition, const pthread_condattr_t *attributes),
     (condition, attributes), EAGAIN, EAGAIN)

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    if (fails("realloc", ENOMEM))
        return NULL;
    void *fresh = __real_realloc(block, size);
    return block ? fresh : taken(fresh);
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    blocks -= block != NULL;
    __real_free(block);
}

int __real_sem_init(sem_t *semaphore, int shared, unsigned value);
int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value);
int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    if (fails("sem_init", ENOSYS))
        return -1;
    blocks++;
    return __real_sem_init(semaphore, shared, value);
}

int __real_sem_destroy(sem_t *semaphore);
int __wrap_sem_destroy(sem_t *semaphore);
int __wrap_sem_destroy(sem_t *semaphore)
{
    blocks--;
    return __real_sem_destroy(semaphore);
}

void *__real_mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap", ENOMEM))
        return MAP_FAILED;
    void *memory = __real_mmap64(at, length, protection, flags, fd, offset);
    /* A mapping over one of our own takes nothing new. */
    if (memory != MAP_FAILED && !(flags & MAP_FIXED))
        mapped += (long)length;
    return memory;
}

int __real_munmap(void *at, size_t length);
int __wrap_munmap(void *at, size_t length);
int __wrap_munmap(void *at, size_t length)
{
    mapped -= (long)length;
    return __real_munmap(at, length);
}

/* Of those with a third argument all are integers. */
int __real_fcntl64(int fd, int command, long argument);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    long argument = va_arg(list, long);
    va_end(list);
    return fails("fcntl", EBUSY) ? -1 : __real_fcntl64(fd, command, argument);
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    unsigned long value = va_arg(list, unsigned long);
    va_end(list);
    if (call_fails("ioctl", request, ENOMEM))
        return -1;
    in_kernel = true;
    int result = kvm_kernel_ioctl(fd, request, value);
    in_kernel = false;
    return result;
}
