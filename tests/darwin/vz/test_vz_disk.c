/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"

#include <sys/stat.h>

static const char sectors[1024];

static abx_status make(id *disk, const abx_block_config *config)
{
    return abx_vz_disk_new(disk, config);
}

static void modes(void **state)
{
    static const struct {
        abx_block_cache cache;
        uint64_t caching;
        abx_block_sync sync;
        uint64_t synchronization;
    } cases[] = {
        { ABX_CACHE_AUTOMATIC, 0, ABX_SYNC_FULL, 1 },
        { ABX_CACHE_CACHED, 2, ABX_SYNC_FSYNC, 2 },
        { ABX_CACHE_UNCACHED, 1, ABX_SYNC_NONE, 3 },
    };
    const char *path = rig_file(*state, "disk", sectors, sizeof(sectors));
    void *pool = objc_autoreleasePoolPush();
    for (size_t i = 0; i < 3; i++) {
        id disk;
        assert_ok(make(&disk, &(abx_block_config){ .path = path, .cache = cases[i].cache, .sync = cases[i].sync }));
        assert_true(is_kind(disk, "VZVirtioBlockDeviceConfiguration"));
        id attachment = get_object(disk, "attachment");
        assert_string_equal(get_text(get_object(attachment, "URL"), "path"), path);
        assert_int_equal(get_number(attachment, "cachingMode"), cases[i].caching);
        assert_int_equal(get_number(attachment, "synchronizationMode"), cases[i].synchronization);
        assert_false(get_bool(attachment, "isReadOnly"));
    }
    objc_autoreleasePoolPop(pool);
}

static void read_only_and_serial_number(void **state)
{
    id disk;
    const char *path = rig_file(*state, "disk", sectors, sizeof(sectors));
    assert_int_equal(chmod(path, 0400), 0);
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&disk, &(abx_block_config){ .path = path, .read_only = true, .serial = "root" }));
    assert_true(get_bool(get_object(disk, "attachment"), "isReadOnly"));
    assert_string_equal(get_text(disk, "blockDeviceIdentifier"), "root");
    objc_autoreleasePoolPop(pool);
}

static void sizes(void **state)
{
    id disk = NULL;
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&disk, &(abx_block_config){ .path = rig_file(*state, "disk", sectors, 513) }), ABX_ERR_FORMAT);
    assert_message("of 513 bytes");
    assert_status(make(&disk, &(abx_block_config){ .path = rig_file(*state, "disk", sectors, 0) }), ABX_ERR_FORMAT);
    assert_null(disk);
    objc_autoreleasePoolPop(pool);
}

static void what_is_not_there(void **state)
{
    rig *r = *state;
    id disk = NULL;
    size_t before = count_descriptors();
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&disk, &(abx_block_config){ .path = "/nonexistent" }), ABX_ERR_NOT_FOUND);
    assert_message("open disk image /nonexistent");
    assert_status(make(&disk, &(abx_block_config){ .path = r->folder, .read_only = true }), ABX_ERR_FORMAT);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(count_descriptors(), before);
}

static void a_serial_number_that_the_framework_does_not_like(void **state)
{
    id disk = NULL;
    const char *path = rig_file(*state, "disk", sectors, sizeof(sectors));
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&disk, &(abx_block_config){ .path = path, .serial = "much-too-long-to-be-one" }),
                  ABX_ERR_CONFIG);
    assert_status(make(&disk, &(abx_block_config){ .path = path, .serial = "\xff" }), ABX_ERR_SYSTEM);
    assert_null(disk);
    objc_autoreleasePoolPop(pool);
}

static void older_systems_have_one_mode(void **state)
{
    id disk;
    const char *path = rig_file(*state, "disk", sectors, sizeof(sectors));
    model.major = 11;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&disk, &(abx_block_config){ .path = path }));
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(modes),
        rig_test(read_only_and_serial_number),
        rig_test(sizes),
        rig_test(what_is_not_there),
        rig_test(a_serial_number_that_the_framework_does_not_like),
        rig_test(older_systems_have_one_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
