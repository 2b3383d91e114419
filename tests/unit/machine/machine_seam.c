/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_seam.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
int __real_eventfd(unsigned initial, int flags);
int __real_open64(const char *path, int flags, mode_t mode);
int __real_fcntl64(int fd, int command, ...);
int __real_fstat64(int fd, struct stat64 *status);
ssize_t __real_read(int fd, void *buffer, size_t count);
int __real_sem_init(sem_t *semaphore, int shared, unsigned value);
void *__real_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);
int __wrap_eventfd(unsigned initial, int flags);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fstat64(int fd, struct stat64 *status);
ssize_t __wrap_read(int fd, void *buffer, size_t count);
int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value);
void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument);

static atomic_int countdown;
static atomic_bool failed;
static atomic_long held;

void machine_seam_fail(int n)
{
    atomic_store(&failed, false);
    atomic_store(&countdown, n);
}

bool machine_seam_has_failed(void)
{
    return atomic_load(&failed);
}

long machine_seam_held(void)
{
    return atomic_load(&held);
}

/* Below zero nothing fails: a countdown passes zero once, or never was above it. */
static bool fails(int os_error)
{
    if (atomic_load(&countdown) <= 0 || atomic_fetch_sub(&countdown, 1) != 1)
        return false;
    atomic_store(&failed, true);
    errno = os_error;
    return true;
}

static void *taken(void *block)
{
    if (block)
        atomic_fetch_add(&held, 1);
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails(ENOMEM) ? NULL : taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(ENOMEM) ? NULL : taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails(ENOMEM))
        return NULL;
    void *fresh = __real_realloc(block, size);
    return block ? fresh : taken(fresh);
}

char *__wrap_strdup(const char *text)
{
    return fails(ENOMEM) ? NULL : taken(__real_strdup(text));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails(ENOMEM) ? NULL : taken(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    if (block)
        atomic_fetch_sub(&held, 1);
    __real_free(block);
}

int __wrap_eventfd(unsigned initial, int flags)
{
    return fails(EMFILE) ? -1 : __real_eventfd(initial, flags);
}

int __wrap_open64(const char *path, int flags, mode_t mode)
{
    return fails(ENFILE) ? -1 : __real_open64(path, flags, mode);
}

/* Of those with a third argument all are integers. */
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int value = command == F_GETFL || command == F_GETFD ? 0 : va_arg(arguments, int);
    va_end(arguments);
    return fails(EINVAL) ? -1 : __real_fcntl64(fd, command, value);
}

int __wrap_fstat64(int fd, struct stat64 *status)
{
    return fails(EIO) ? -1 : __real_fstat64(fd, status);
}

ssize_t __wrap_read(int fd, void *buffer, size_t count)
{
    return fails(EIO) ? -1 : __real_read(fd, buffer, count);
}

int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    return fails(ENOSYS) ? -1 : __real_sem_init(semaphore, shared, value);
}

void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return fails(ENOMEM) ? MAP_FAILED : __real_mmap64(address, length, protection, flags, fd, offset);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
    return fails(EAGAIN) ? EAGAIN : __real_pthread_create(thread, attributes, body, argument);
}
