/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The states of a machine and what leads from one to the next. */
#include "model_test.h"

#include <string.h>

enum { STOPPED, RUNNING, PAUSED, ERROR, STARTING };
static const char start[] = "startWithCompletionHandler:", stop[] = "stopWithCompletionHandler:",
                  hold[] = "pauseWithCompletionHandler:", resume[] = "resumeWithCompletionHandler:";

static rig r;

static int begin(void **state)
{
    (void)state;
    model_reset();
    rig_begin(&r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    rig_end(&r);
    return 0;
}

static void it_goes_through_its_life(void **state)
{
    (void)state;
    assert_int_equal(state_of(&r), STOPPED);
    assert_int_equal(operate(&r, start), 0);
    assert_int_equal(state_of(&r), RUNNING);
    assert_int_equal(operate(&r, hold), 0);
    assert_int_equal(state_of(&r), PAUSED);
    assert_int_equal(operate(&r, resume), 0);
    assert_int_equal(state_of(&r), RUNNING);
    assert_int_equal(operate(&r, stop), 0);
    assert_int_equal(state_of(&r), STOPPED);
    assert_int_equal(operate(&r, start), 0);
}

static void other_transitions_are_errors(void **state)
{
    (void)state;
    assert_int_equal(operate(&r, stop), 4);
    assert_int_equal(operate(&r, hold), 4);
    assert_int_equal(operate(&r, resume), 4);
    assert_int_equal(operate(&r, start), 0);
    assert_int_equal(operate(&r, start), 4);
    assert_int_equal(operate(&r, resume), 4);
    assert_int_equal(state_of(&r), RUNNING);
}

static void what_is_told_to_fail_fails(void **state)
{
    (void)state;
    model_fail_operation("start", 6, ERROR);
    assert_int_equal(operate(&r, start), 6);
    assert_int_equal(state_of(&r), ERROR);
    assert_int_equal(operate(&r, start), 0);
    model_fail_operation("pause", 1, 0);
    assert_int_equal(operate(&r, hold), 1);
    assert_int_equal(state_of(&r), RUNNING);
    model_fail(2); /* the first one is the handler's semaphore */
    assert_int_equal(operate(&r, stop), 1);
    assert_string_equal(model_failed(), "stop");
    assert_int_equal(state_of(&r), RUNNING);
}

static void begin_start(void *context)
{
    handler *h = context;
    send1(r.machine, start, (id)(void *)&h->block);
}

static void ends_can_be_kept_back(void **state)
{
    (void)state;
    handler first, second;
    handler_begin(&first);
    handler_begin(&second);
    model_hold(true);
    dispatch_sync_f(r.queue, &first, begin_start);
    dispatch_sync_f(r.queue, &second, begin_start);
    model_wait_held(2);
    assert_int_equal(state_of(&r), STARTING);
    model_let_go(1);
    assert_int_equal(handler_wait(&second), 4);
    assert_int_equal(state_of(&r), STARTING);
    model_let_go(0);
    assert_int_equal(handler_wait(&first), 0);
    assert_int_equal(state_of(&r), RUNNING);
    model_hold(false);
}

static void begin_stop(void *context)
{
    handler *h = context;
    send1(r.machine, stop, (id)(void *)&h->block);
}

static void a_stop_can_come_too_late(void **state)
{
    (void)state;
    handler h;
    assert_int_equal(operate(&r, start), 0);
    handler_begin(&h);
    model_hold(true);
    dispatch_sync_f(r.queue, &h, begin_stop);
    model_guest_power_off(r.machine);
    assert_int_equal(state_of(&r), STOPPED);
    model_let_go(0);
    assert_int_equal(handler_wait(&h), 4);
    model_hold(false);
}

static const char *path;
static const char *file_selector;

static void begin_file(void *context)
{
    handler *h = context;
    void *pool = objc_autoreleasePoolPush();
    send2(r.machine, file_selector, file_url(path), (id)(void *)&h->block);
    objc_autoreleasePoolPop(pool);
}

static long operate_on_file(const char *selector)
{
    handler h;
    handler_begin(&h);
    file_selector = selector;
    dispatch_sync_f(r.queue, &h, begin_file);
    return handler_wait(&h);
}

static void it_is_saved_and_restored(void **state)
{
    (void)state;
    static const char save[] = "saveMachineStateToURL:completionHandler:",
                      restore[] = "restoreMachineStateFromURL:completionHandler:";
    path = file_of(0);
    assert_int_equal(operate_on_file(save), 3);
    assert_int_equal(operate_on_file(restore), 12);
    assert_int_equal(state_of(&r), STOPPED);
    assert_int_equal(operate(&r, start), 0);
    assert_int_equal(operate_on_file(save), 3);
    assert_int_equal(operate(&r, hold), 0);
    assert_int_equal(operate_on_file(save), 0);
    assert_int_equal(state_of(&r), PAUSED);
    assert_int_equal(operate_on_file(restore), 4);
    assert_int_equal(operate(&r, stop), 0);
    assert_int_equal(operate_on_file(restore), 0);
    assert_int_equal(state_of(&r), PAUSED);
    assert_int_equal(operate(&r, resume), 0);
    assert_int_equal(state_of(&r), RUNNING);
    path = "/nowhere/at/all";
    assert_int_equal(operate(&r, hold), 0);
    assert_int_equal(operate_on_file(save), 11);
}

static char told[64];

static void did_stop(id self, SEL selector, id machine)
{
    (void)self;
    (void)selector;
    (void)machine;
    strcpy(told, "stopped");
}

static void did_fail(id self, SEL selector, id machine, id error)
{
    (void)self;
    (void)selector;
    (void)machine;
    strcpy(told, error_code(error) == 1 ? "failed" : "failed otherwise");
}

static id delegate;

static void set_delegate(rig *of)
{
    send1(of->machine, "setDelegate:", delegate);
}

static void a_guest_ends_by_itself(void **state)
{
    (void)state;
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelMachineDelegate", 0);
    class_addMethod(class, sel_registerName("guestDidStopVirtualMachine:"), (IMP)did_stop, "v@:@");
    class_addMethod(class, sel_registerName("virtualMachine:didStopWithError:"), (IMP)did_fail, "v@:@@");
    objc_registerClassPair(class);
    delegate = class_createInstance(class, 0);
    on_queue(&r, set_delegate);
    model_guest_power_off(r.machine);
    assert_int_equal(state_of(&r), STOPPED);
    assert_string_equal(told, "");
    assert_int_equal(operate(&r, start), 0);
    model_guest_power_off(r.machine);
    assert_int_equal(state_of(&r), STOPPED);
    assert_string_equal(told, "stopped");
    assert_int_equal(operate(&r, start), 0);
    model_guest_crash(r.machine, 1);
    assert_int_equal(state_of(&r), ERROR);
    assert_string_equal(told, "failed");
    objc_release(delegate);
    assert_int_equal(operate(&r, start), 0);
    told[0] = '\0';
    model_guest_power_off(r.machine);
    assert_int_equal(state_of(&r), STOPPED);
    assert_string_equal(told, "");
}

static void a_running_machine_can_be_dropped(void **state)
{
    (void)state;
    assert_ptr_equal(model_machine(), r.machine);
    assert_int_equal(operate(&r, start), 0);
}

static void read_off_queue(void)
{
    rig_begin(&r);
    ask(r.machine, "state");
}

static void start_off_queue(void)
{
    handler h;
    rig_begin(&r);
    handler_begin(&h);
    begin_start(&h);
}

static void delegate_off_queue(void)
{
    rig_begin(&r);
    send1(r.machine, "setDelegate:", NULL);
}

static void concurrent_queue(void)
{
    static char attribute;
    objc_autoreleasePoolPush();
    dispatch_queue_t queue = dispatch_queue_create("concurrent", &attribute);
    send2(send0(class_object("VZVirtualMachine"), "alloc"), "initWithConfiguration:queue:", good_configuration(),
          (id)(void *)queue);
}

static void invalid_configuration(void)
{
    objc_autoreleasePoolPush();
    id configuration = good_configuration();
    set_number(configuration, "setCPUCount:", 0);
    rig_begin_with(&r, configuration);
}

static void start_without_handler(rig *of)
{
    send1(of->machine, start, NULL);
}

static void no_handler(void)
{
    rig_begin(&r);
    on_queue(&r, start_without_handler);
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    model_reset();
    assert_dies(read_off_queue, "state is used outside the machine's queue");
    assert_dies(start_off_queue, "startWithCompletionHandler: is used outside the machine's queue");
    assert_dies(delegate_off_queue, "setDelegate: is used outside the machine's queue");
    assert_dies(concurrent_queue, "concurrent queue");
    assert_dies(invalid_configuration, "CPUs is out of range");
    assert_dies(no_handler, "no block");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_ends_the_program),
        cmocka_unit_test_setup_teardown(it_goes_through_its_life, begin, end),
        cmocka_unit_test_setup_teardown(other_transitions_are_errors, begin, end),
        cmocka_unit_test_setup_teardown(what_is_told_to_fail_fails, begin, end),
        cmocka_unit_test_setup_teardown(ends_can_be_kept_back, begin, end),
        cmocka_unit_test_setup_teardown(a_stop_can_come_too_late, begin, end),
        cmocka_unit_test_setup_teardown(it_is_saved_and_restored, begin, end),
        cmocka_unit_test_setup_teardown(a_guest_ends_by_itself, begin, end),
        cmocka_unit_test_setup_teardown(a_running_machine_can_be_dropped, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
