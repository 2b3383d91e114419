/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "darwin/vz/rosetta.h"

#include <string.h>

static void availability(void **state)
{
    static const abx_rosetta_availability expected[] = { ABX_ROSETTA_NOT_SUPPORTED, ABX_ROSETTA_NOT_INSTALLED,
                                                         ABX_ROSETTA_INSTALLED };
    rig *r = *state;
    abx_rosetta_availability got;
    for (long there = 0; there < 3; there++) {
        model.rosetta = there;
        assert_ok(abx_vz_rosetta_availability(NULL, &got));
        assert_int_equal(got, expected[there]);
    }
    assert_ok(abx_rosetta_get_availability(r->hypervisor, &got));
    assert_int_equal(got, ABX_ROSETTA_INSTALLED);
    model.intel = true;
    assert_ok(abx_vz_rosetta_availability(NULL, &got));
    assert_int_equal(got, ABX_ROSETTA_NOT_SUPPORTED);
    model.intel = false;
    model.major = 12;
    assert_ok(abx_vz_rosetta_availability(NULL, &got));
    assert_int_equal(got, ABX_ROSETTA_NOT_SUPPORTED);
}

static void installation(void **state)
{
    rig *r = *state;
    abx_rosetta_availability got;
    model.rosetta = 1;
    assert_ok(abx_rosetta_install(r->hypervisor));
    assert_ok(abx_rosetta_get_availability(r->hypervisor, &got));
    assert_int_equal(got, ABX_ROSETTA_INSTALLED);
}

static void installation_that_fails(void **state)
{
    rig *r = *state;
    model.rosetta = 1;
    model_fail_operation("install", 9, 0);
    assert_status(abx_rosetta_install(r->hypervisor), ABX_ERR_PERMISSION);
    assert_message("cancelled");
    model.major = 12;
    assert_status(abx_vz_rosetta_install(NULL), ABX_ERR_NOT_SUPPORTED);
    assert_message("macOS 13.0 on Apple silicon");
}

static void a_share_with_and_without_cache(void **state)
{
    (void)state;
    id device;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(abx_vz_rosetta_new(&device, &(abx_rosetta_config){ .tag = "rosetta" }));
    assert_string_equal(get_text(device, "tag"), "rosetta");
    assert_true(is_kind(get_object(device, "share"), "VZLinuxRosettaDirectoryShare"));
    assert_null(get_object(get_object(device, "share"), "options"));

    abx_rosetta_config config = { .tag = "r", .cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = "/run/rosetta" };
    assert_ok(abx_vz_rosetta_new(&device, &config));
    id options = get_object(get_object(device, "share"), "options");
    assert_true(is_kind(options, "VZLinuxRosettaUnixSocketCachingOptions"));
    assert_string_equal(get_text(options, "path"), "/run/rosetta");

    config = (abx_rosetta_config){ .tag = "r", .cache = ABX_ROSETTA_CACHE_ABSTRACT, .cache_address = "rosetta" };
    assert_ok(abx_vz_rosetta_new(&device, &config));
    options = get_object(get_object(device, "share"), "options");
    assert_true(is_kind(options, "VZLinuxRosettaAbstractSocketCachingOptions"));
    assert_string_equal(get_text(options, "name"), "rosetta");
    objc_autoreleasePoolPop(pool);
}

static void a_share_that_cannot_be(void **state)
{
    (void)state;
    id device = NULL;
    char address[2000];
    memset(address, 'x', sizeof(address) - 1);
    address[sizeof(address) - 1] = '\0';
    void *pool = objc_autoreleasePoolPush();
    abx_rosetta_config config = { .tag = "r", .cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = address };
    assert_status(abx_vz_rosetta_new(&device, &config), ABX_ERR_CONFIG);
    config.cache_address = "\xff";
    assert_status(abx_vz_rosetta_new(&device, &config), ABX_ERR_SYSTEM);
    model.rosetta = 1;
    assert_status(abx_vz_rosetta_new(&device, &(abx_rosetta_config){ .tag = "r" }), ABX_ERR_NOT_FOUND);
    assert_message("abx_rosetta_install()");
    assert_null(device);
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(availability),
        rig_test(installation),
        rig_test(installation_that_fails),
        rig_test(a_share_with_and_without_cache),
        rig_test(a_share_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
