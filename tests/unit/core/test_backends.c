/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <string.h>

static void built_in_tables_are_complete(void **state)
{
    (void)state;
    size_t count;
    const abx_backend *const *list = abx_builtin_backends(&count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(abx_backend_check(list[i]), ABX_OK);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(list[i]->name, list[j]->name);
    }
    assert_null(list[count]);
}

static void fakes_are_complete(void **state)
{
    (void)state;
    assert_int_equal(abx_backend_check(&fake_manual), ABX_OK);
    assert_int_equal(abx_backend_check(&fake_managed), ABX_OK);
}

static void expect_missing(const abx_backend *backend, const char *name)
{
    assert_int_equal(abx_backend_check(backend), ABX_ERR_INVALID);
    assert_non_null(strstr(abx_last_error()->advice, name));
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    abx_backend backend = fake_manual;
    backend.vcpu_kick = NULL;
    expect_missing(&backend, "vcpu_kick");
    backend = fake_manual;
    backend.open = NULL;
    expect_missing(&backend, "open");
    backend = fake_managed;
    backend.vm_stop = NULL;
    expect_missing(&backend, "vm_stop");
    backend = fake_managed;
    backend.description = NULL;
    expect_missing(&backend, "description");
    backend = fake_managed;
    backend.size--;
    expect_missing(&backend, "another version");
    expect_missing(NULL, "another version");
}

static void absence_is_explained(void **state)
{
    (void)state;
    assert_int_equal(abx_fail_absent(&fake_managed, "create a vCPU"), ABX_ERR_NOT_SUPPORTED);
    assert_string_equal(abx_last_error()->operation, "create a vCPU");
    assert_non_null(strstr(abx_last_error()->advice, "qemu is managed"));
    assert_int_equal(abx_fail_absent(&fake_manual, "do it"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "fake cannot"));
    assert_int_equal(abx_fail_unmanaged(&fake_manual, "save a VM"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "fake is manual"));
    assert_int_equal(abx_fail_unmanaged(&fake_managed, "save a VM"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "qemu cannot"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_tables_are_complete),
        cmocka_unit_test(fakes_are_complete),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(absence_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
