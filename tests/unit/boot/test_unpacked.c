/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Unpacking with the cache behind it. */
#include "images.h"

#include "boot/cache.h"
#include "boot/unpacked.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static blob plain;
static blob packed;

static int make_payload(void **state)
{
    if (scratch_begin(state) != 0) {
        return -1;
    }
    blob_noise(&plain, 0, 100000, 1);
    blob_resize(&plain, 400000);
    blob_noise(&plain, 400000, 5000, 2);
    packed = image_pack(&plain, PACK_ZSTD);
    return 0;
}

static int free_payload(void **state)
{
    blob_free(&plain);
    blob_free(&packed);
    return scratch_end(state);
}

static abx_status accept(void *context, abx_unpacked *unpacked)
{
    (void)context;
    if (!unpacked->from_cache) {
        (void)snprintf(unpacked->version, sizeof(unpacked->version), "version");
    }
    return ABX_OK;
}

static abx_status refuse(void *context, abx_unpacked *unpacked)
{
    (void)context;
    (void)unpacked;
    return abx_fail(ABX_ERR_FORMAT, 0, NULL, "refused by the test");
}

static abx_status open_one(const char *file, const char *folder, abx_unpacked_check *check, abx_unpacked *out)
{
    abx_packed what = { .compression = ABX_COMPRESSION_ZSTD, .size = plain.size };
    assert_ok(abx_source_open(&what.payload, scratch_path(file)));
    abx_status status = abx_unpacked_open(out, &what, scratch_path(folder), check, NULL);
    abx_source_close(&what.payload);
    return status;
}

static void assert_opens(const char *file, const char *folder, bool from_cache)
{
    abx_unpacked out;
    blob got = { 0 };
    size_t descriptors = open_descriptors();
    assert_ok(open_one(file, folder, accept, &out));
    assert_int_equal(out.from_cache, from_cache);
    assert_string_equal(out.version, "version");
    assert_int_equal(out.image.size, plain.size);
    assert_int_equal(out.hole_count, 1);
    assert_int_equal(out.holes[0].first, 2);
    assert_int_equal(out.holes[0].count, 4);
    blob_resize(&got, plain.size);
    assert_ok(abx_source_read(&out.image, 0, got.data, got.size));
    assert_memory_equal(got.data, plain.data, plain.size);
    assert_true(fcntl(out.image.fd, F_GETFD) & FD_CLOEXEC);
    abx_source_close(&out.image);
    blob_free(&got);
    assert_int_equal(open_descriptors(), descriptors);
}

/* The number of names in the folder that end so, and one of them. */
static unsigned count(const char *folder, const char *suffix, char *name)
{
    unsigned found = 0;
    DIR *list = opendir(scratch_path(folder));
    if (!list) {
        return 0;
    }
    for (struct dirent *entry = readdir(list); entry; entry = readdir(list)) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && strcmp(dot, suffix) == 0) {
            found++;
            if (name) {
                (void)snprintf(name, 512, "%s/%s", folder, entry->d_name);
            }
        }
    }
    closedir(list);
    return found;
}

static void wait_until_settled(void)
{
    const struct timespec enough = { .tv_sec = 2, .tv_nsec = 100000000 };
    nanosleep(&enough, NULL);
}

static void test_keeps_and_finds(void **state)
{
    (void)state;
    char kernel[512];
    struct stat status;
    scratch_write("new", &packed);
    assert_opens("new", "keeps", false);
    assert_int_equal(count("keeps", ".kernel", kernel), 1);
    assert_int_equal(count("keeps", ".new", NULL), 0);
    assert_int_equal(count("keeps", ".index", NULL), 0); /* too new to be told apart by its times */
    assert_int_equal(stat(scratch_path(kernel), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_size, ABX_CACHE_HEADER + plain.size);
    assert_true((size_t)status.st_blocks * 512 < plain.size - 200000); /* holes */
    assert_opens("new", "keeps", true);
    scratch_write("another name", &packed);
    assert_opens("another name", "keeps", true);
    assert_int_equal(count("keeps", ".kernel", NULL), 1);
}

static void test_index_saves_hashing(void **state)
{
    (void)state;
    char index[512];
    scratch_write("settled", &packed);
    wait_until_settled();
    assert_opens("settled", "index", false);
    assert_int_equal(count("index", ".index", index), 1);
    assert_opens("settled", "index", true);
    /* The kernel that the index leads to is believed, though it is not what hashing would lead to: proof that it was
     * not done. */
    char kernel[512];
    assert_int_equal(count("index", ".kernel", kernel), 1);
    assert_int_equal(rename(scratch_path(kernel), scratch_path("index/elsewhere")), 0);
    assert_int_equal(unlink(scratch_path(index)), 0);
    assert_int_equal(symlink("elsewhere", scratch_path(index)), 0);
    assert_opens("settled", "index", true);
    /* A change of the file leads away from the index. */
    const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    assert_int_equal(utimensat(AT_FDCWD, scratch_path("settled"), times, 0), 0);
    assert_opens("settled", "index", false);
    assert_opens("settled", "index", true);
}

static void test_other_content_of_the_same_name(void **state)
{
    (void)state;
    scratch_write("changes", &packed);
    assert_opens("changes", "changes.cache", false);
    blob other = blob_copy(&packed);
    other.data[other.size - 1] ^= 1; /* of its checksum */
    scratch_write("changes", &other);
    abx_unpacked out;
    abx_status status = open_one("changes", "changes.cache", accept, &out);
    if (status == ABX_OK) {
        assert_false(out.from_cache);
        abx_source_close(&out.image);
    }
    blob_free(&other);
}

static void damage(const char *name, size_t at, size_t length, uint8_t with)
{
    uint8_t bytes[512];
    memset(bytes, with, sizeof(bytes));
    int fd = open(scratch_path(name), O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, length, (off_t)at), length);
    close(fd);
}

static void test_damaged_entries_are_replaced(void **state)
{
    (void)state;
    char kernel[512];
    scratch_write("damaged", &packed);
    wait_until_settled();
    assert_opens("damaged", "damaged.cache", false);
    assert_int_equal(count("damaged.cache", ".kernel", kernel), 1);
    /* Every part of the header that means something. */
    for (size_t at = 0; at < 240; at += 5) {
        damage(kernel, at, 1, 0xa5);
        assert_opens("damaged", "damaged.cache", false);
        assert_opens("damaged", "damaged.cache", true);
    }
    for (off_t size = 0; size < ABX_CACHE_HEADER + 20; size += 500) {
        assert_int_equal(truncate(scratch_path(kernel), size), 0);
        assert_opens("damaged", "damaged.cache", false);
    }
    assert_int_equal(truncate(scratch_path(kernel), (off_t)(ABX_CACHE_HEADER + plain.size + 1)), 0);
    assert_opens("damaged", "damaged.cache", false);
    assert_int_equal(chmod(scratch_path(kernel), 0666), 0); /* others may have written it */
    assert_opens("damaged", "damaged.cache", false);
    assert_opens("damaged", "damaged.cache", true);
    assert_int_equal(count("damaged.cache", ".kernel", NULL), 1);
    assert_int_equal(count("damaged.cache", ".new", NULL), 0);
}

/* A header that is right by its checksum, with numbers that are not. */
static void test_hostile_headers(void **state)
{
    (void)state;
    enum { image_size = 16, holes = 24 + ABX_CACHE_KEY + ABX_LINUX_VERSION };
    const struct {
        size_t offset;
        unsigned width;
        uint64_t value;
    } faults[] = {
        { image_size, 8, UINT64_MAX },
        { image_size, 8, INT64_MAX },
        { image_size, 8, 0 },
        { holes, 4, 257 },
        { holes, 4, UINT32_MAX },
        { holes + 8, 4, 7 },
        { holes + 8, 4, UINT32_MAX },
        { holes + 12, 4, 0 },
        { holes + 12, 4, 5 },
        { holes + 12, 4, UINT32_MAX },
        { holes, 4, 2 },
    };
    char kernel[512];
    scratch_write("hostile", &packed);
    assert_opens("hostile", "hostile.cache", false);
    assert_int_equal(count("hostile.cache", ".kernel", kernel), 1);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        uint8_t header[holes + 8 + 8 * ABX_SINK_MAX_HOLES];
        int fd = open(scratch_path(kernel), O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pread(fd, header, sizeof(header), 0), sizeof(header));
        abx_put_le(header + faults[i].offset, faults[i].width, faults[i].value);
        uint64_t sum = 0xcbf29ce484222325u; /* FNV-1a */
        for (size_t at = 16; at < sizeof(header); at++) {
            sum = (sum ^ header[at]) * 0x100000001b3u;
        }
        abx_put_le64(header + 8, sum);
        assert_int_equal(pwrite(fd, header, sizeof(header), 0), sizeof(header));
        close(fd);
        assert_opens("hostile", "hostile.cache", false);
        assert_opens("hostile", "hostile.cache", true);
    }
}

static void test_works_without_a_cache(void **state)
{
    (void)state;
    blob content = { 0 };
    scratch_write("plain", &packed);
    scratch_write("a file", &content);
    assert_opens("plain", "a file", false);
    assert_opens("plain", "a file/below", false);
}

static void test_unwritable_cache(void **state)
{
    (void)state;
    scratch_write("unwritable", &packed);
    assert_int_equal(chmod(scratch_path("unwritable"), 0644), 0);
    assert_int_equal(mkdir(scratch_path("unwritable.cache"), 0500), 0);
    if (getuid() == 0) {
        assert_int_equal(chown(scratch_path("unwritable.cache"), ORDINARY_USER, 0), 0);
    }
    become_user();
    assert_opens("unwritable", "unwritable.cache", false);
    assert_opens("unwritable", "unwritable.cache", false);
    become_root();
}

static void test_what_fails_is_not_kept(void **state)
{
    (void)state;
    abx_unpacked out;
    size_t descriptors = open_descriptors();
    scratch_write("fails", &packed);
    assert_failed_saying(ABX_ERR_FORMAT, "by the test", open_one("fails", "fails.cache", refuse, &out));
    assert_int_equal(count("fails.cache", ".kernel", NULL), 0);
    assert_int_equal(count("fails.cache", ".new", NULL), 0);
    assert_opens("fails", "fails.cache", false);
    assert_failed_saying(ABX_ERR_FORMAT, "by the test", open_one("fails", "fails.cache", refuse, &out));
    assert_int_equal(open_descriptors(), descriptors);
    blob cut = blob_copy(&packed);
    blob_resize(&cut, cut.size / 2);
    scratch_write("fails", &cut);
    assert_failed_saying(ABX_ERR_FORMAT, "truncated", open_one("fails", "cut.cache", accept, &out));
    assert_int_equal(count("cut.cache", ".kernel", NULL), 0);
    assert_int_equal(count("cut.cache", ".new", NULL), 0);
    assert_int_equal(open_descriptors(), descriptors);
    blob_free(&cut);
}

static void test_wrong_size(void **state)
{
    (void)state;
    abx_unpacked out;
    abx_packed what = { .compression = ABX_COMPRESSION_ZSTD };
    scratch_write("size", &packed);
    assert_ok(abx_source_open(&what.payload, scratch_path("size")));
    what.size = plain.size + 1;
    assert_failed_saying(ABX_ERR_FORMAT, "instead of", abx_unpacked_open(&out, &what, "", accept, NULL));
    what.size = plain.size - 1;
    assert_failed_saying(ABX_ERR_FORMAT, "more than", abx_unpacked_open(&out, &what, "", accept, NULL));
    abx_source_close(&what.payload);
}

static void *open_many(void *context)
{
    abx_packed what = { .compression = ABX_COMPRESSION_ZSTD, .size = plain.size };
    uint8_t *got = malloc(plain.size);
    size_t good = 0;
    for (unsigned i = 0; i < 20 && got; i++) {
        abx_unpacked out;
        if (abx_source_open(&what.payload, context) != ABX_OK) {
            break;
        }
        char folder[64];
        (void)snprintf(folder, sizeof(folder), "%s/concurrent.%u", scratch(), i);
        if (abx_unpacked_open(&out, &what, folder, accept, NULL) == ABX_OK) {
            good +=
                abx_source_read(&out.image, 0, got, plain.size) == ABX_OK && memcmp(got, plain.data, plain.size) == 0;
            abx_source_close(&out.image);
        }
        abx_source_close(&what.payload);
    }
    free(got);
    return (void *)good;
}

static void test_many_at_once(void **state)
{
    (void)state;
    char path[128];
    pthread_t threads[6];
    (void)snprintf(path, sizeof(path), "%s", scratch_write("concurrent", &packed));
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, open_many, path), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        void *good;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((size_t)good, 20);
    }
    assert_int_equal(count("concurrent.0", ".kernel", NULL), 1);
    assert_int_equal(count("concurrent.0", ".new", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_and_finds),
        cmocka_unit_test(test_index_saves_hashing),
        cmocka_unit_test(test_other_content_of_the_same_name),
        cmocka_unit_test(test_damaged_entries_are_replaced),
        cmocka_unit_test(test_hostile_headers),
        cmocka_unit_test(test_works_without_a_cache),
        cmocka_unit_test(test_unwritable_cache),
        cmocka_unit_test(test_what_fails_is_not_kept),
        cmocka_unit_test(test_wrong_size),
        cmocka_unit_test(test_many_at_once),
    };
    return cmocka_run_group_tests(tests, make_payload, free_payload);
}
