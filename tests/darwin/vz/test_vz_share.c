/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "model/foundation.h"

#include <string.h>

static abx_status make(id *device, const abx_fs_share *shares, size_t count)
{
    return abx_vz_share_new(device, &(abx_fs_config){ .tag = "home", .shares = shares, .share_count = count });
}

static void a_single_directory(void **state)
{
    rig *r = *state;
    id device;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&device, &(abx_fs_share){ .path = r->folder, .read_only = true }, 1));
    assert_string_equal(get_text(device, "tag"), "home");
    id share = get_object(device, "share");
    assert_true(is_kind(share, "VZSingleDirectoryShare"));
    id directory = get_object(share, "directory");
    assert_string_equal(get_text(get_object(directory, "URL"), "path"), r->folder);
    assert_true(get_bool(directory, "isReadOnly"));
    objc_autoreleasePoolPop(pool);
}

static void several_directories(void **state)
{
    rig *r = *state;
    id device;
    const abx_fs_share shares[] = { { .name = "one", .path = r->folder },
                                    { .name = "two", .path = "/", .read_only = true } };
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&device, shares, 2));
    id share = get_object(device, "share");
    assert_true(is_kind(share, "VZMultipleDirectoryShare"));
    id directories = get_object(share, "directories");
    assert_int_equal(model_dictionary_count(directories), 2);
    for (size_t i = 0; i < 2; i++) {
        bool first = strcmp(model_text(model_dictionary_key(directories, i)), "one") == 0;
        id directory = model_dictionary_value(directories, i);
        assert_string_equal(get_text(get_object(directory, "URL"), "path"), first ? r->folder : "/");
        assert_int_equal(get_bool(directory, "isReadOnly"), !first);
    }
    objc_autoreleasePoolPop(pool);
}

static void names_and_tags_are_checked_before_the_framework_raises(void **state)
{
    rig *r = *state;
    id device = NULL;
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&device, &(abx_fs_share){ .name = "a/b", .path = r->folder }, 1), ABX_ERR_CONFIG);
    assert_message("name a shared directory");
    assert_status(make(&device, &(abx_fs_share){ .name = "\xff", .path = r->folder }, 1), ABX_ERR_INVALID);
    const abx_fs_share share = { .path = r->folder };
    abx_fs_config config = { .tag = "a-tag-that-is-one-byte-longer-than-35", .shares = &share, .share_count = 1 };
    assert_status(abx_vz_share_new(&device, &config), ABX_ERR_CONFIG);
    config.tag = "\xff";
    assert_status(abx_vz_share_new(&device, &config), ABX_ERR_INVALID);
    assert_null(device);
    objc_autoreleasePoolPop(pool);
}

static void what_is_no_directory(void **state)
{
    rig *r = *state;
    id device = NULL;
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&device, &(abx_fs_share){ .path = r->kernel }, 1), ABX_ERR_FORMAT);
    assert_status(make(&device, &(abx_fs_share){ .name = "n", .path = "/nonexistent" }, 1), ABX_ERR_NOT_FOUND);
    assert_message("open shared directory /nonexistent");
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_single_directory),
        rig_test(several_directories),
        rig_test(names_and_tags_are_checked_before_the_framework_raises),
        rig_test(what_is_no_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
