/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    unsigned countdown;
    bool hit;
    const char *name;
    size_t live;
} faults;

void faults_begin(unsigned call)
{
    faults.countdown = call;
    faults.hit = false;
    faults.name = "nothing";
}

bool faults_end(void)
{
    faults.countdown = 0;
    return faults.hit;
}

const char *faults_name(void)
{
    return faults.name;
}

size_t faults_live(void)
{
    return faults.live;
}

static bool fails(const char *name, int error)
{
    if (faults.countdown == 0 || --faults.countdown > 0) {
        return false;
    }
    faults.hit = true;
    faults.name = name;
    errno = error;
    return true;
}

/* Each wrapped function: its real one, and the same with a fault in front. Names that begin with __ are the linker's.
 */
#define WRAP(type, name, failure, error, parameters, ...)                                                              \
    type __real_##name parameters;                                                                                     \
    type __wrap_##name parameters;                                                                                     \
    type __wrap_##name parameters                                                                                      \
    {                                                                                                                  \
        return fails(#name, error) ? (failure) : __real_##name(__VA_ARGS__);                                           \
    }

WRAP(ssize_t, pread64, -1, EIO, (int fd, void *buffer, size_t length, off_t offset), fd, buffer, length, offset)
WRAP(ssize_t, pwrite64, -1, ENOSPC, (int fd, const void *buffer, size_t length, off_t offset), fd, buffer, length,
     offset)
WRAP(int, ftruncate64, -1, EIO, (int fd, off_t length), fd, length)
WRAP(int, fstat64, -1, EIO, (int fd, struct stat *status), fd, status)
WRAP(int, memfd_create, -1, EMFILE, (const char *name, unsigned flags), name, flags)
WRAP(int, mkdir, -1, EROFS, (const char *path, mode_t mode), path, mode)
WRAP(int, renameat, -1, EROFS, (int from, const char *old, int to, const char *new_), from, old, to, new_)
WRAP(int, symlinkat, -1, EROFS, (const char *target, int folder, const char *path), target, folder, path)
WRAP(DIR *, fdopendir, NULL, ENOMEM, (int fd), fd)
WRAP(ssize_t, getrandom, -1, EAGAIN, (void *buffer, size_t length, unsigned flags), buffer, length, flags)

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    return fails("open", EMFILE) ? -1 : __real_open64(path, flags);
}

int __real_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return fails("openat", EMFILE) ? -1 : __real_openat64(folder, path, flags, mode);
}

static void *count(void *block)
{
    faults.live += block != NULL;
    return block;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails("malloc", ENOMEM) ? NULL : count(__real_malloc(size));
}

void *__real_calloc(size_t number, size_t size);
void *__wrap_calloc(size_t number, size_t size);
void *__wrap_calloc(size_t number, size_t size)
{
    return fails("calloc", ENOMEM) ? NULL : count(__real_calloc(number, size));
}

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    if (fails("realloc", ENOMEM)) {
        return NULL;
    }
    return block ? __real_realloc(block, size) : count(__real_realloc(block, size));
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    faults.live -= block != NULL;
    __real_free(block);
}
