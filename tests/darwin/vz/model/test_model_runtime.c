/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Classes, selectors, messages, encodings. */
#include "model_test.h"

#include <string.h>

static void selectors_are_unique(void **state)
{
    (void)state;
    assert_ptr_equal(sel_registerName("count"), sel_registerName("count"));
    assert_ptr_not_equal(sel_registerName("count"), sel_registerName("code"));
}

static void classes_are_found_by_name(void **state)
{
    (void)state;
    assert_non_null(objc_getClass("VZVirtualMachine"));
    assert_null(objc_getClass("VZVirtualMachineOfTomorrow"));
}

static void a_message_to_nil_answers_zero(void **state)
{
    (void)state;
    assert_null(send0(NULL, "init"));
    assert_int_equal(ask(NULL, "count"), 0);
    assert_false(ask_bool(NULL, "canStart"));
}

static void unknown_selector(void)
{
    send0(make("NSObject"), "explode");
}

static void unknown_class_selector(void)
{
    send0(class_object("NSObject"), "explode");
}

static void an_unknown_selector_ends_the_program(void **state)
{
    (void)state;
    assert_dies(unknown_selector, "-[NSObject explode]: unrecognized selector");
    assert_dies(unknown_class_selector, "+[NSObject explode]: unrecognized selector");
}

/* What compilers write. */
static void encodings_have_offsets(void **state)
{
    (void)state;
    Class device = objc_getClass("VZVirtioSocketDevice"), machine = objc_getClass("VZVirtualMachine");
    Class disk = objc_getClass("VZDiskImageStorageDeviceAttachment");
    assert_string_equal(
        method_getTypeEncoding(class_getInstanceMethod(device, sel_registerName("connectToPort:completionHandler:"))),
        "v28@0:8I16@?20");
    assert_string_equal(method_getTypeEncoding(class_getInstanceMethod(machine, sel_registerName("state"))), "q16@0:8");
    assert_string_equal(
        method_getTypeEncoding(class_getInstanceMethod(disk, sel_registerName("initWithURL:readOnly:error:"))),
        "@36@0:8@16" VZ_BOOL "24^@28");
    assert_string_equal(method_getTypeEncoding(class_getClassMethod(machine, sel_registerName("isSupported"))),
                        VZ_BOOL "16@0:8");
}

static void methods_of_superclasses_count(void **state)
{
    (void)state;
    Class virtio = objc_getClass("VZVirtioNetworkDeviceConfiguration");
    assert_non_null(class_getInstanceMethod(virtio, sel_registerName("setAttachment:")));
    assert_null(class_getInstanceMethod(virtio, sel_registerName("setShare:")));
    assert_null(class_getInstanceMethod(NULL, sel_registerName("init")));
}

static void protocols_tell_the_delegates_methods(void **state)
{
    (void)state;
    Protocol *protocol = objc_getProtocol("VZVirtioSocketListenerDelegate");
    SEL selector = sel_registerName("listener:shouldAcceptNewConnection:fromSocketDevice:");
    assert_non_null(protocol);
    assert_string_equal(protocol_getMethodDescription(protocol, selector, false, true).types,
                        VZ_BOOL "40@0:8@16@24@32");
    assert_null(protocol_getMethodDescription(protocol, selector, true, true).name);
    assert_null(objc_getProtocol("NSNothing"));
}

static id given[2];

static void take(id self, SEL selector, id first, id second)
{
    (void)self;
    (void)selector;
    given[0] = first;
    given[1] = second;
}

static void a_program_makes_a_class(void **state)
{
    (void)state;
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelTestClass", 0);
    assert_non_null(class);
    assert_null(objc_allocateClassPair(objc_getClass("NSObject"), "ModelTestClass", 0));
    assert_null(objc_getClass("ModelTestClass"));
    assert_true(class_addMethod(class, sel_registerName("take:and:"), (IMP)take, "v@:@@"));
    assert_false(class_addMethod(class, sel_registerName("take:and:"), (IMP)take, "v@:@@"));
    objc_registerClassPair(class);
    assert_ptr_equal(objc_getClass("ModelTestClass"), class);
    id object = class_createInstance(class, 2 * sizeof(void *));
    void **own = object_getIndexedIvars(object);
    own[0] = own[1] = object;
    send2(object, "take:and:", object, (id) class);
    assert_ptr_equal(given[0], object);
    assert_ptr_equal(given[1], class);
    assert_ptr_equal(own[1], object);
    objc_release(object);
    assert_nothing_alive();
}

static void register_twice(void)
{
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelTwice", 0);
    objc_registerClassPair(class);
    objc_registerClassPair(class);
}

static void instance_of_unregistered(void)
{
    class_createInstance(objc_allocateClassPair(objc_getClass("NSObject"), "ModelEarly", 0), 0);
}

static void classes_are_registered_once_and_first(void **state)
{
    (void)state;
    assert_dies(register_twice, "registered twice");
    assert_dies(instance_of_unregistered, "not registered");
}

static void wrong_delegate(void)
{
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelWrongDelegate", 0);
    class_addMethod(class, sel_registerName("listener:shouldAcceptNewConnection:fromSocketDevice:"), (IMP)take,
                    "v@:@@@");
    objc_registerClassPair(class);
    objc_autoreleasePoolPush();
    send1(make("VZVirtioSocketListener"), "setDelegate:", class_createInstance(class, 0));
}

static void a_delegate_has_the_protocols_encodings(void **state)
{
    (void)state;
    assert_dies(wrong_delegate, "is declared as v@:@@@");
}

static void every_failure_is_counted(void **state)
{
    (void)state;
    model_fail(2);
    id object = send0(class_object("NSObject"), "alloc");
    assert_non_null(object);
    assert_null(model_failed());
    assert_null(send0(object, "init"));
    assert_string_equal(model_failed(), "init");
    object = make("NSObject");
    assert_non_null(object);
    objc_release(object);
    assert_nothing_alive();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_are_unique),
        cmocka_unit_test(classes_are_found_by_name),
        cmocka_unit_test(a_message_to_nil_answers_zero),
        cmocka_unit_test(an_unknown_selector_ends_the_program),
        cmocka_unit_test(encodings_have_offsets),
        cmocka_unit_test(methods_of_superclasses_count),
        cmocka_unit_test(protocols_tell_the_delegates_methods),
        cmocka_unit_test(a_program_makes_a_class),
        cmocka_unit_test(classes_are_registered_once_and_first),
        cmocka_unit_test(a_delegate_has_the_protocols_encodings),
        cmocka_unit_test(every_failure_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
