/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/delegate.h"

static int32_t called(id self, SEL selector)
{
    (void)selector;
    return abx_delegate_owner(self) ? 1 : 0;
}

static const abx_delegate_method methods[] = { { "description", "i@:", (IMP)called } };

static int32_t call(id object)
{
    int32_t (*send)(id, SEL) = (int32_t(*)(id, SEL))objc_msgSend;
    return send(object, sel_registerName("description"));
}

static void methods_are_ours_and_know_their_owner(void **state)
{
    (void)state;
    int owner;
    id delegate;
    Class class = abx_delegate_class("VzTestDelegate", methods, 1);
    assert_non_null(class);
    assert_ok(abx_delegate_new(&delegate, class, &owner));
    assert_ptr_equal(abx_delegate_owner(delegate), &owner);
    assert_int_equal(call(delegate), 1);
    abx_delegate_forget(delegate);
    assert_null(abx_delegate_owner(delegate));
    assert_int_equal(call(delegate), 0);
    objc_release(delegate);
}

static void a_class_is_made_once(void **state)
{
    (void)state;
    Class class = abx_delegate_class("VzTestDelegate", methods, 1);
    assert_ptr_equal(abx_delegate_class("VzTestDelegate", methods, 1), class);
}

static void without_a_class_there_is_no_delegate(void **state)
{
    (void)state;
    id delegate = NULL;
    assert_status(abx_delegate_new(&delegate, NULL, NULL), ABX_ERR_NO_MEMORY);
    assert_null(delegate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(methods_are_ours_and_know_their_owner),
        rig_test(a_class_is_made_once),
        rig_test(without_a_class_there_is_no_delegate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
