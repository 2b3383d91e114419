/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is there on which Mac. */
#include "model_test.h"

static void set(int major, int minor, bool intel)
{
    model_reset();
    model.major = major;
    model.minor = minor;
    model.intel = intel;
}

static bool has(const char *class, const char *selector)
{
    return class_getInstanceMethod(objc_getClass(class), sel_registerName(selector));
}

static void versions_are_compared(void **state)
{
    (void)state;
    set(12, 3, false);
    assert_true(abx_model_macos_at_least(12, 3));
    assert_true(abx_model_macos_at_least(11, 6));
    assert_false(abx_model_macos_at_least(12, 4));
    assert_false(abx_model_macos_at_least(13, 0));
}

static void what_came_later_is_not_there(void **state)
{
    (void)state;
    set(11, 0, false);
    assert_null(objc_getClass("VZGenericPlatformConfiguration"));
    assert_null(objc_getClass("VZEFIBootLoader"));
    assert_false(has("VZVirtualMachine", "stopWithCompletionHandler:"));
    assert_false(has("VZVirtioBlockDeviceConfiguration", "setBlockDeviceIdentifier:"));
    set(12, 3, false);
    assert_true(has("VZVirtualMachine", "stopWithCompletionHandler:"));
    assert_true(has("VZVirtioBlockDeviceConfiguration", "setBlockDeviceIdentifier:"));
    assert_false(has("VZGenericPlatformConfiguration", "setMachineIdentifier:"));
    assert_false(has("VZVirtualMachineConfiguration", "setConsoleDevices:"));
    assert_null(objc_getClass("VZVirtioConsoleDeviceConfiguration"));
    set(13, 0, false);
    assert_true(has("VZVirtualMachineConfiguration", "setConsoleDevices:"));
    assert_true(has("VZVirtioConsolePortConfiguration", "setIsConsole:"));
    set(14, 0, false);
    assert_true(has("VZVirtualMachine", "saveMachineStateToURL:completionHandler:"));
    assert_false(has("VZGenericPlatformConfiguration", "setNestedVirtualizationEnabled:"));
}

static void what_is_for_apple_silicon_is_not_on_intel(void **state)
{
    (void)state;
    set(26, 0, true);
    assert_false(abx_model_is_arm64());
    assert_null(objc_getClass("VZLinuxRosettaDirectoryShare"));
    assert_false(has("VZVirtualMachine", "saveMachineStateToURL:completionHandler:"));
    assert_true(has("VZVirtualMachine", "stopWithCompletionHandler:"));
    set(26, 0, false);
    assert_non_null(objc_getClass("VZLinuxRosettaDirectoryShare"));
}

static void send_too_early(void)
{
    set(11, 0, false);
    set_number(good_configuration(), "setPlatform:", 0);
}

static void in_a_pool(void)
{
    objc_autoreleasePoolPush();
    send_too_early();
}

static void to_send_what_came_later_ends_the_program(void **state)
{
    (void)state;
    assert_dies(in_a_pool, "setPlatform:]: unrecognized selector");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_compared),
        cmocka_unit_test(what_came_later_is_not_there),
        cmocka_unit_test(what_is_for_apple_silicon_is_not_on_intel),
        cmocka_unit_test(to_send_what_came_later_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
