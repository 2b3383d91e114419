/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Disk images as QEMU gets them. */
#include "qemu_test.h"

#include "qemu/image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static int make_image(void **state)
{
    (void)state;
    strcpy(path, "/var/tmp/abx-image-XXXXXX"); /* NOLINT */
    int fd = mkstemp(path);
    return fd < 0 || ftruncate(fd, 1 << 20) != 0 || close(fd) != 0;
}

static int remove_image(void **state)
{
    (void)state;
    return unlink(path);
}

static abx_status open_with(abx_block_cache cache, int *fd)
{
    const abx_block_config config = { .path = path, .cache = cache };
    return abx_image_open(fd, &config);
}

static void test_cached(void **state)
{
    (void)state;
    int fd = -1;
    static const abx_block_cache caches[] = { ABX_CACHE_AUTOMATIC, ABX_CACHE_CACHED };
    for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
        assert_ok(open_with(caches[i], &fd));
        assert_false(fcntl(fd, F_GETFL) & O_DIRECT);
        close(fd);
    }
}

/* Past the page cache, where the file system can. */
static void test_uncached(void **state)
{
    (void)state;
    size_t descriptors = count_descriptors();
    int fd = -1;
    int direct = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    if (direct < 0) {
        assert_status(open_with(ABX_CACHE_UNCACHED, &fd), ABX_ERR_NOT_SUPPORTED);
        assert_non_null(strstr(abx_last_error()->advice, "cache=uncached"));
        assert_int_equal(fd, -1);
    } else {
        assert_ok(open_with(ABX_CACHE_UNCACHED, &fd));
        assert_true(fcntl(fd, F_GETFL) & O_DIRECT);
        close(fd);
        close(direct);
    }
    assert_int_equal(count_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cached),
        cmocka_unit_test(test_uncached),
    };
    return cmocka_run_group_tests(tests, make_image, remove_image);
}
