/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fault_seam.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *block);
int __real_eventfd(unsigned initial, int flags);
int __real_close(int fd);
int __real_sem_init(sem_t *semaphore, int shared, unsigned value);
int __real_sem_destroy(sem_t *semaphore);
void *__real_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *address, size_t length);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *block);
int __wrap_eventfd(unsigned initial, int flags);
int __wrap_close(int fd);
int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value);
int __wrap_sem_destroy(sem_t *semaphore);
void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *address, size_t length);

static unsigned countdown;
static bool failed;
static long held;

void fault_seam_fail(unsigned n)
{
    countdown = n;
    failed = false;
}

bool fault_seam_has_failed(void)
{
    return failed;
}

long fault_seam_held(void)
{
    return held;
}

static bool fails(int os_error)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    errno = os_error;
    return true;
}

static void *taken(void *block)
{
    held += block != NULL;
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
    held += fresh && !block;
    return fresh;
}

char *__wrap_strdup(const char *text)
{
    return fails(ENOMEM) ? NULL : taken(__real_strdup(text));
}

void __wrap_free(void *block)
{
    held -= block != NULL;
    __real_free(block);
}

int __wrap_eventfd(unsigned initial, int flags)
{
    if (fails(EMFILE))
        return -1;
    int fd = __real_eventfd(initial, flags);
    held += fd >= 0;
    return fd;
}

int __wrap_close(int fd)
{
    held -= fd >= 0;
    return __real_close(fd);
}

int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    if (fails(ENOSYS))
        return -1;
    held++;
    return __real_sem_init(semaphore, shared, value);
}

int __wrap_sem_destroy(sem_t *semaphore)
{
    held--;
    return __real_sem_destroy(semaphore);
}

void *__wrap_mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (fails(ENOMEM))
        return MAP_FAILED;
    void *memory = __real_mmap64(address, length, protection, flags, fd, offset);
    /* A mapping over one of our own takes nothing new. */
    if (memory != MAP_FAILED && !(flags & MAP_FIXED))
        held += (long)length;
    return memory;
}

int __wrap_munmap(void *address, size_t length)
{
    held -= (long)length;
    return __real_munmap(address, length);
}
