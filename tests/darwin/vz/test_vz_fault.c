/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/fault.h"
#include "model/foundation.h"
#include "vz_api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void codes_become_statuses(void **state)
{
    static const struct {
        long code;
        abx_status status;
    } cases[] = {
        { VZErrorCodeInternal, ABX_ERR_SYSTEM },
        { VZErrorCodeInvalidVirtualMachineConfiguration, ABX_ERR_CONFIG },
        { VZErrorCodeInvalidVirtualMachineState, ABX_ERR_STATE },
        { VZErrorCodeInvalidVirtualMachineStateTransition, ABX_ERR_STATE },
        { VZErrorCodeInvalidDiskImage, ABX_ERR_FORMAT },
        { VZErrorCodeVirtualMachineLimitExceeded, ABX_ERR_LIMIT },
        { VZErrorCodeNetworkError, ABX_ERR_SYSTEM },
        { VZErrorCodeOutOfDiskSpace, ABX_ERR_LIMIT },
        { VZErrorCodeOperationCancelled, ABX_ERR_PERMISSION },
        { VZErrorCodeNotSupported, ABX_ERR_NOT_SUPPORTED },
        { VZErrorCodeSave, ABX_ERR_SYSTEM },
        { VZErrorCodeRestore, ABX_ERR_FORMAT },
        { 30001, ABX_ERR_SYSTEM },
    };
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_vz_fault fault;
        char code[32];
        snprintf(code, sizeof(code), "(VZErrorDomain %ld)", cases[i].code);
        abx_vz_fault_from(&fault, model_error("VZErrorDomain", cases[i].code, "It broke."));
        assert_status(fault.status, cases[i].status);
        assert_int_equal(fault.os_error, 0);
        assert_non_null(strstr(fault.text, "It broke."));
        assert_non_null(strstr(fault.text, code));
    }
    objc_autoreleasePoolPop(pool);
}

static void code_two_has_three_meanings(void **state)
{
    (void)state;
    abx_vz_fault fault;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault_from(
        &fault, model_error("VZErrorDomain", 2, "It lacks the \"com.apple.security.virtualization\" entitlement."));
    assert_status(fault.status, ABX_ERR_PERMISSION);
    assert_non_null(strstr(fault.text, "codesign"));
    abx_vz_fault_from(&fault, model_error("VZErrorDomain", 2, "Virtualization is not available on this hardware."));
    assert_status(fault.status, ABX_ERR_NOT_SUPPORTED);
    abx_vz_fault_from(&fault, model_error("VZErrorDomain", 2, "Too little memory."));
    assert_status(fault.status, ABX_ERR_CONFIG);
    objc_autoreleasePoolPop(pool);
}

static void system_errors_keep_their_number(void **state)
{
    (void)state;
    abx_vz_fault fault;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault_from(&fault, model_error("NSPOSIXErrorDomain", EACCES, "No."));
    assert_status(fault.status, ABX_ERR_PERMISSION);
    assert_int_equal(fault.os_error, EACCES);
    abx_vz_fault_from(&fault, model_error("NSCocoaErrorDomain", 260, "No such file."));
    assert_status(fault.status, ABX_ERR_SYSTEM);
    assert_int_equal(fault.os_error, 0);
    objc_autoreleasePoolPop(pool);
}

static void an_error_without_object_is_one(void **state)
{
    (void)state;
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, NULL);
    assert_status(fault.status, ABX_ERR_SYSTEM);
    assert_string_not_equal(fault.text, "");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    abx_vz_fault fault;
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault_from(&fault, model_error("VZErrorDomain", 6, text));
    assert_non_null(strstr(fault.text, "(VZErrorDomain 6). Stop other"));
    abx_vz_fault_set(&fault, ABX_ERR_STATE, "%s", text);
    assert_int_equal(strlen(fault.text), sizeof(fault.text) - 1);
    objc_autoreleasePoolPop(pool);
}

static void faults_are_reported(void **state)
{
    (void)state;
    abx_vz_fault fault = { .status = ABX_OK };
    assert_ok(abx_vz_fault_report(&fault, "do nothing"));
    abx_vz_fault_set(&fault, ABX_ERR_STATE, "The machine is %s.", "asleep");
    assert_status(abx_vz_fault_report(&fault, "wake it"), ABX_ERR_STATE);
    assert_string_equal(abx_last_error()->operation, "wake it");
    assert_string_equal(abx_last_error()->advice, "The machine is asleep.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(codes_become_statuses),
        rig_test(code_two_has_three_meanings),
        rig_test(system_errors_keep_their_number),
        rig_test(an_error_without_object_is_one),
        rig_test(long_texts_are_cut),
        rig_test(faults_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
