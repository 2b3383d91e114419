/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cache.h"

#include "boot_os.h"
#include "bytes.h"
#include "cache_folder.h"
#include "sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    KERNELS_KEPT = 8,
    HASH_CHUNK = 64 * 1024,
};

/* The first page of a file, in the byte order of the host. */
typedef struct abx_cache_header {
    char magic[8];
    uint64_t checksum; /* of all that follows */
    uint64_t image_size;
    char key[ABX_CACHE_KEY];
    char version[ABX_LINUX_VERSION];
    uint32_t hole_count;
    uint32_t reserved;
    abx_hole holes[ABX_SINK_MAX_HOLES];
} abx_cache_header;

static const char magic[8] = "abxkern1";

_Static_assert(sizeof(abx_cache_header) <= ABX_CACHE_HEADER, "the header fits its page");
_Static_assert(ABX_CACHE_KEY == 2 * ABX_SHA256_DIGEST, "the key is a SHA-256");

/* FNV-1a: finds damage, not malice; the folder is the user's own. */
static uint64_t checksum(const abx_cache_header *header)
{
    const uint8_t *bytes = (const uint8_t *)&header->image_size;
    const uint8_t *end = (const uint8_t *)(header + 1);
    uint64_t sum = 0xcbf29ce484222325u;
    for (; bytes < end; bytes++) {
        sum = (sum ^ *bytes) * 0x100000001b3u;
    }
    return sum;
}

/* A change within the clock's resolution of the last one does not show in the times: a file is entered in the index
 * only when its last change is that far back. */
static bool is_settled(const struct stat *status)
{
    struct timespec now;
    return clock_gettime(CLOCK_REALTIME, &now) == 0 && abx_boot_os_changed(status).tv_sec + 1 < now.tv_sec;
}

static void name_index(abx_cache *cache, const abx_source *payload)
{
    struct stat status;
    if (fstat(payload->fd, &status) != 0 || !is_settled(&status)) {
        return;
    }
    struct timespec modified = abx_boot_os_modified(&status);
    struct timespec changed = abx_boot_os_changed(&status);
    (void)snprintf(cache->index, sizeof(cache->index), "%llx-%llx-%llx-%llx.%lx-%llx.%lx." ABX_CACHE_INDEX,
                   (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
                   (unsigned long long)status.st_size, (unsigned long long)modified.tv_sec,
                   (unsigned long)modified.tv_nsec, (unsigned long long)changed.tv_sec, (unsigned long)changed.tv_nsec);
}

void abx_cache_open(abx_cache *cache, const char *folder, const abx_source *payload)
{
    *cache = (abx_cache){ .folder = abx_cache_folder_open(folder) };
    if (cache->folder >= 0) {
        name_index(cache, payload);
    }
}

static bool hash(abx_cache *cache, const abx_source *payload)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[ABX_SHA256_DIGEST];
    uint8_t *chunk = malloc(HASH_CHUNK);
    abx_sha256 sha256;
    uint64_t at = 0;
    abx_sha256_begin(&sha256);
    while (chunk && at < payload->size) {
        uint64_t left = payload->size - at;
        size_t length = left < HASH_CHUNK ? (size_t)left : HASH_CHUNK;
        if (!abx_source_peek(payload, at, chunk, length)) {
            break;
        }
        abx_sha256_add(&sha256, chunk, length);
        at += length;
    }
    abx_sha256_end(&sha256, digest);
    bool complete = chunk && at == payload->size;
    for (size_t i = 0; i < sizeof(digest) && complete; i++) {
        cache->key[2 * i] = digits[digest[i] >> 4];
        cache->key[2 * i + 1] = digits[digest[i] & 15];
    }
    free(chunk);
    return complete;
}

static bool holes_are_sound(const abx_cache_header *header)
{
    uint64_t block = 0;
    uint64_t blocks = header->image_size / ABX_SINK_BLOCK;
    if (header->hole_count > ABX_SINK_MAX_HOLES) {
        return false;
    }
    for (uint32_t i = 0; i < header->hole_count; i++) {
        const abx_hole *hole = &header->holes[i];
        if (hole->first < block || hole->count == 0 || !abx_within(hole->first, hole->count, blocks)) {
            return false;
        }
        block = (uint64_t)hole->first + hole->count;
    }
    return true;
}

static bool is_sound(const abx_cache *cache, const abx_cache_header *header, const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_uid == geteuid() && !(status->st_mode & 022) &&
           memcmp(header->magic, magic, sizeof(magic)) == 0 && header->checksum == checksum(header) &&
           header->image_size <= INT64_MAX - ABX_CACHE_HEADER &&
           (uint64_t)status->st_size == ABX_CACHE_HEADER + header->image_size &&
           memchr(header->version, '\0', sizeof(header->version)) && holes_are_sound(header) &&
           (!cache->key[0] || memcmp(header->key, cache->key, ABX_CACHE_KEY) == 0);
}

static bool take(const abx_cache *cache, const char *name, const char *label, abx_unpacked *out)
{
    int fd = openat(cache->folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return false;
    }
    struct stat status;
    abx_cache_header header;
    abx_source file = { .fd = fd, .name = label, .size = sizeof(header) };
    if (!abx_source_peek(&file, 0, &header, sizeof(header)) || fstat(fd, &status) != 0 ||
        !is_sound(cache, &header, &status)) {
        close(fd);
        return false;
    }
    out->image = (abx_source){ .fd = fd, .name = label, .base = ABX_CACHE_HEADER, .size = header.image_size };
    out->from_cache = true;
    memcpy(out->version, header.version, sizeof(out->version));
    out->hole_count = header.hole_count;
    memcpy(out->holes, header.holes, sizeof(out->holes));
    return true;
}

static void name_kernel(const abx_cache *cache, char name[ABX_CACHE_NAME])
{
    (void)snprintf(name, ABX_CACHE_NAME, "%s." ABX_CACHE_KERNEL, cache->key);
}

static void name_new(char name[ABX_CACHE_NAME])
{
    uint64_t number = 0;
    if (!abx_boot_os_random(&number, sizeof(number))) {
        number = (uint64_t)getpid();
    }
    (void)snprintf(name, ABX_CACHE_NAME, "%llx." ABX_CACHE_NEW, (unsigned long long)number);
}

static void enter_in_index(const abx_cache *cache)
{
    char kernel[ABX_CACHE_NAME];
    char link[ABX_CACHE_NAME];
    if (!cache->index[0]) {
        return;
    }
    name_kernel(cache, kernel);
    name_new(link);
    if (symlinkat(kernel, cache->folder, link) == 0 &&
        renameat(cache->folder, link, cache->folder, cache->index) != 0) {
        (void)unlinkat(cache->folder, link, 0);
    }
}

bool abx_cache_find(abx_cache *cache, const abx_source *payload, abx_unpacked *out)
{
    if (cache->folder < 0) {
        return false;
    }
    if (cache->index[0] && take(cache, cache->index, payload->name, out)) {
        return true;
    }
    char kernel[ABX_CACHE_NAME];
    if (!hash(cache, payload)) {
        return false;
    }
    name_kernel(cache, kernel);
    if (!take(cache, kernel, payload->name, out)) {
        return false;
    }
    enter_in_index(cache);
    return true;
}

int abx_cache_create(abx_cache *cache, const abx_source *payload)
{
    if (cache->folder < 0 || (!cache->key[0] && !hash(cache, payload))) {
        return -1;
    }
    name_new(cache->new_file);
    int fd = openat(cache->folder, cache->new_file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        cache->new_file[0] = '\0';
    }
    return fd;
}

void abx_cache_keep(abx_cache *cache, const abx_unpacked *unpacked)
{
    char kernel[ABX_CACHE_NAME];
    abx_cache_header header = { .image_size = unpacked->image.size, .hole_count = unpacked->hole_count };
    memcpy(header.magic, magic, sizeof(magic));
    memcpy(header.key, cache->key, ABX_CACHE_KEY);
    memcpy(header.version, unpacked->version, sizeof(header.version));
    memcpy(header.holes, unpacked->holes, unpacked->hole_count * sizeof(header.holes[0]));
    header.checksum = checksum(&header);
    name_kernel(cache, kernel);
    if (pwrite(unpacked->image.fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
        renameat(cache->folder, cache->new_file, cache->folder, kernel) == 0) {
        cache->new_file[0] = '\0';
        enter_in_index(cache);
        abx_cache_folder_prune(cache->folder, KERNELS_KEPT);
    }
}

void abx_cache_close(abx_cache *cache)
{
    if (cache->folder < 0) {
        return;
    }
    if (cache->new_file[0]) {
        (void)unlinkat(cache->folder, cache->new_file, 0);
    }
    close(cache->folder);
    cache->folder = -1;
}
