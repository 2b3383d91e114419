/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "model/foundation.h"

static id make(rig *r, id *identifier)
{
    id platform = NULL;
    assert_ok(abx_vz_platform_new(&platform, identifier, &r->config));
    return platform;
}

static void a_new_machine_has_an_identifier_of_its_own(void **state)
{
    id first, second;
    void *pool = objc_autoreleasePoolPush();
    assert_true(is_kind(make(*state, &first), "VZGenericPlatformConfiguration"));
    make(*state, &second);
    assert_int_equal(get_number(first, "length"), get_number(second, "length"));
    assert_memory_not_equal(model_data_bytes(first), model_data_bytes(second), model_data_size(first));
    objc_autoreleasePoolPop(pool);
}

static void a_known_machine_keeps_it(void **state)
{
    rig *r = *state;
    id first, second;
    void *pool = objc_autoreleasePoolPush();
    make(r, &first);
    r->config.machine_id = model_data_bytes(first);
    r->config.machine_id_size = model_data_size(first);
    make(r, &second);
    assert_memory_equal(model_data_bytes(first), model_data_bytes(second), model_data_size(first));
    objc_autoreleasePoolPop(pool);
}

static void what_is_no_identifier(void **state)
{
    rig *r = *state;
    id platform, identifier;
    r->config.machine_id = "x";
    r->config.machine_id_size = 1;
    void *pool = objc_autoreleasePoolPush();
    assert_status(abx_vz_platform_new(&platform, &identifier, &r->config), ABX_ERR_FORMAT);
    assert_message("abx_vm_get_machine_id()");
    objc_autoreleasePoolPop(pool);
}

static void older_systems(void **state)
{
    id identifier;
    void *pool = objc_autoreleasePoolPush();
    model.major = 12;
    assert_non_null(make(*state, &identifier));
    assert_null(identifier);
    model.major = 11;
    assert_null(make(*state, &identifier));
    assert_null(identifier);
    objc_autoreleasePoolPop(pool);
}

static void nesting(void **state)
{
    rig *r = *state;
    id identifier;
    void *pool = objc_autoreleasePoolPush();
    assert_false(get_bool(make(r, &identifier), "isNestedVirtualizationEnabled"));
    r->config.nested = ABX_YES;
    assert_true(get_bool(make(r, &identifier), "isNestedVirtualizationEnabled"));
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_new_machine_has_an_identifier_of_its_own),
        rig_test(a_known_machine_keeps_it),
        rig_test(what_is_no_identifier),
        rig_test(older_systems),
        rig_test(nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
