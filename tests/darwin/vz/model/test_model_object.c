/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who holds what: counts, pools, weak references. */
#include "model_test.h"

#include <pthread.h>

static void the_last_release_ends_it(void **state)
{
    (void)state;
    id object = make("NSObject");
    objc_retain(object);
    objc_release(object);
    assert_string_equal(model_alive(), "1 NSObject");
    objc_release(object);
    objc_release(NULL);
    assert_null(objc_retain(NULL));
    assert_nothing_alive();
}

static void release_twice(void)
{
    id object = make("NSObject");
    objc_release(object);
    objc_release(object);
}

static void use_after_release(void)
{
    id object = make("NSObject");
    objc_release(object);
    send0(object, "init");
}

static void retain_after_release(void)
{
    id object = make("NSObject");
    objc_release(object);
    objc_retain(object);
}

static void pass_after_release(void)
{
    id loader = make_with("VZLinuxBootLoader", "initWithKernelURL:", file_url("/"));
    id configuration = make("VZVirtualMachineConfiguration");
    objc_release(loader);
    send1(configuration, "setBootLoader:", loader);
}

static void in_a_pool(void (*function)(void))
{
    void *pool = objc_autoreleasePoolPush();
    function();
    objc_autoreleasePoolPop(pool);
}

static void pass_after_release_in_pool(void)
{
    in_a_pool(pass_after_release);
}

static void no_object(void)
{
    static long words[16] = { 1 };
    objc_retain((id)(void *)words);
}

static void what_is_released_is_not_used(void **state)
{
    (void)state;
    assert_dies(release_twice, "over-release of NSObject");
    assert_dies(use_after_release, "use of a released NSObject");
    assert_dies(retain_after_release, "use of a released NSObject");
    assert_dies(pass_after_release_in_pool, "use of a released VZLinuxBootLoader");
    assert_dies(no_object, "that is not an object");
}

static void message_before_init(void)
{
    objc_autoreleasePoolPush();
    ask(send0(class_object("VZVirtualMachineConfiguration"), "alloc"), "CPUCount");
}

static void init_twice(void)
{
    send0(make("NSObject"), "init");
}

static void init_of_another_kind(void)
{
    objc_autoreleasePoolPush();
    make("VZVirtualMachine");
}

static void abstract_class(void)
{
    objc_autoreleasePoolPush();
    make("VZBootLoader");
}

static void objects_are_initialised_once_and_as_they_should(void **state)
{
    (void)state;
    assert_dies(message_before_init, "allocated but not initialised");
    assert_dies(init_twice, "initialised twice");
    assert_dies(init_of_another_kind, "-[VZVirtualMachine init] is not available");
    assert_dies(abstract_class, "VZBootLoader is abstract");
}

static void pools_release_what_is_in_them(void **state)
{
    (void)state;
    void *outer = objc_autoreleasePoolPush(), *inner = objc_autoreleasePoolPush();
    objc_autorelease(make("NSObject"));
    id kept = objc_retain(objc_autorelease(make("NSObject")));
    objc_autoreleasePoolPop(inner);
    assert_string_equal(model_alive(), "1 NSObject, 1 open pools");
    objc_autoreleasePoolPop(outer);
    objc_release(kept);
    assert_null(objc_autorelease(NULL));
    assert_nothing_alive();
}

static void autorelease_without_pool(void)
{
    objc_autorelease(make("NSObject"));
}

static void getter_without_pool(void)
{
    string("no pool");
}

static void message_without_pool(void)
{
    ask(class_object("VZVirtualMachineConfiguration"), "minimumAllowedCPUCount");
}

static void end_without_pool(void)
{
    void *pool = objc_autoreleasePoolPush();
    id configuration = make("VZVirtualMachineConfiguration");
    objc_autoreleasePoolPop(pool);
    objc_release(configuration);
}

static void pop_out_of_order(void)
{
    void *outer = objc_autoreleasePoolPush();
    objc_autoreleasePoolPush();
    objc_autoreleasePoolPop(outer);
}

static void *push(void *context)
{
    *(void **)context = objc_autoreleasePoolPush();
    return NULL;
}

static void pop_of_another_thread(void)
{
    void *pool;
    pthread_t thread;
    pthread_create(&thread, NULL, push, &pool);
    pthread_join(thread, NULL);
    objc_autoreleasePoolPop(pool);
}

static void release_what_a_pool_holds(void)
{
    void *pool = objc_autoreleasePoolPush();
    objc_release(objc_autorelease(make("NSObject")));
    objc_autoreleasePoolPop(pool);
}

static void pools_are_there_and_popped_in_order(void **state)
{
    (void)state;
    assert_dies(autorelease_without_pool, "autorelease of NSObject where no pool is");
    assert_dies(message_without_pool,
                "minimumAllowedCPUCount of VZVirtualMachineConfiguration where no autorelease pool");
    assert_dies(end_without_pool, "the end of VZVirtualMachineConfiguration where no autorelease pool is");
    assert_dies(getter_without_pool, "autorelease of NSString where no pool is");
    assert_dies(pop_out_of_order, "not the innermost one");
    assert_dies(pop_of_another_thread, "not the innermost one");
    assert_dies(release_what_a_pool_holds, "over-release of NSObject");
}

static void a_pool_that_stays_open_is_told(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    assert_string_equal(model_alive(), "1 open pools");
    objc_autoreleasePoolPop(pool);
}

/* A listener does not keep its delegate alive. */
static void delegates_are_weak(void **state)
{
    (void)state;
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelDelegate", 0);
    objc_registerClassPair(class);
    void *pool = objc_autoreleasePoolPush();
    id listener = make("VZVirtioSocketListener"), delegate = class_createInstance(class, 0);
    send1(listener, "setDelegate:", delegate);
    objc_release(delegate);
    assert_string_equal(model_alive(), "1 VZVirtioSocketListener, 1 open pools");
    send1(listener, "setDelegate:", NULL);
    objc_release(listener);
    objc_autoreleasePoolPop(pool);
    assert_nothing_alive();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_release_ends_it),
        cmocka_unit_test(what_is_released_is_not_used),
        cmocka_unit_test(objects_are_initialised_once_and_as_they_should),
        cmocka_unit_test(pools_release_what_is_in_them),
        cmocka_unit_test(pools_are_there_and_popped_in_order),
        cmocka_unit_test(a_pool_that_stays_open_is_told),
        cmocka_unit_test(delegates_are_weak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
