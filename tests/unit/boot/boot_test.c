/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* Paths given out: good until the end. */
typedef struct path_entry {
    struct path_entry *next;
    char path[128];
} path_entry;

static char folder[64];
static path_entry *paths;

void blob_free(blob *b)
{
    free(b->data);
    *b = (blob){ 0 };
}

void blob_resize(blob *b, size_t size)
{
    uint8_t *data = realloc(b->data, size + 1);
    assert_non_null(data);
    if (size > b->size) {
        memset(data + b->size, 0, size - b->size);
    }
    b->data = data;
    b->size = size;
}

void blob_put(blob *b, size_t at, const void *data, size_t length)
{
    if (at + length > b->size) {
        blob_resize(b, at + length);
    }
    memcpy(b->data + at, data, length);
}

void blob_put_le(blob *b, size_t at, unsigned width, uint64_t value)
{
    if (at + width > b->size) {
        blob_resize(b, at + width);
    }
    abx_put_le(b->data + at, width, value);
}

blob blob_copy(const blob *b)
{
    blob copy = { 0 };
    blob_put(&copy, 0, b->data, b->size);
    return copy;
}

uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

void blob_noise(blob *b, size_t at, size_t length, uint32_t seed)
{
    if (at + length > b->size) {
        blob_resize(b, at + length);
    }
    for (size_t i = 0; i < length; i++) {
        b->data[at + i] = (uint8_t)(next_random(&seed) | 1);
    }
}

int scratch_begin(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/test-boot-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

int scratch_end(void **state)
{
    (void)state;
    while (paths) {
        path_entry *entry = paths;
        paths = entry->next;
        free(entry);
    }
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch(void)
{
    return folder;
}

const char *scratch_path(const char *name)
{
    path_entry *entry = malloc(sizeof(*entry));
    assert_non_null(entry);
    (void)snprintf(entry->path, sizeof(entry->path), "%s/%s", folder, name);
    for (path_entry *known = paths; known; known = known->next) {
        if (strcmp(known->path, entry->path) == 0) {
            free(entry);
            return known->path;
        }
    }
    entry->next = paths;
    paths = entry;
    return entry->path;
}

const char *scratch_write(const char *name, const blob *content)
{
    const char *path = scratch_path(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content->data ? content->data : (const uint8_t *)"", content->size), content->size);
    assert_int_equal(close(fd), 0);
    return path;
}

abx_source scratch_source(const char *name, const blob *content)
{
    abx_source source;
    assert_ok(abx_source_open(&source, scratch_write(name, content)));
    return source;
}

void become_user(void)
{
    if (getuid() == 0) {
        assert_int_equal(chmod(folder, 0711), 0);
        assert_int_equal(seteuid(ORDINARY_USER), 0);
    }
}

void become_root(void)
{
    if (getuid() == 0) {
        assert_int_equal(seteuid(0), 0);
    }
}

size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    while (readdir(list)) {
        count++;
    }
    closedir(list);
    return count;
}

void assert_failed(abx_status expected, abx_status status)
{
    assert_failed_saying(expected, "", status);
}

void assert_failed_saying(abx_status expected, const char *text, abx_status status)
{
    const abx_error *error = abx_last_error();
    if (status != expected || error->status != status || !strstr(error->message, text)) {
        fail_msg("expected %s with '%s', got %s: %s", abx_status_name(expected), text, abx_status_name(status),
                 error->message);
    }
}
