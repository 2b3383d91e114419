/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fault.h"
#include "foundation.h"
#include "vz_api.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIGN_ADVICE "Sign the program with the entitlement com.apple.security.virtualization: codesign --entitlements."

/* Codes of VZErrorDomain: VZErrorCode of Apple's documentation. */
static const struct {
    int64_t code;
    abx_status status;
    const char *advice;
} known[] = {
    { VZErrorCodeInternal, ABX_ERR_SYSTEM, "" },
    { VZErrorCodeInvalidVirtualMachineConfiguration, ABX_ERR_CONFIG, "" },
    { VZErrorCodeInvalidVirtualMachineState, ABX_ERR_STATE, "" },
    { VZErrorCodeInvalidVirtualMachineStateTransition, ABX_ERR_STATE, "" },
    { VZErrorCodeInvalidDiskImage, ABX_ERR_FORMAT, "Disk images are raw, of whole sectors of 512 bytes." },
    { VZErrorCodeVirtualMachineLimitExceeded, ABX_ERR_LIMIT, "Stop other virtual machines." },
    { VZErrorCodeNetworkError, ABX_ERR_SYSTEM, "See to the host's network." },
    { VZErrorCodeOutOfDiskSpace, ABX_ERR_LIMIT, "Make room on the host's disk." },
    { VZErrorCodeOperationCancelled, ABX_ERR_PERMISSION, "Somebody cancelled it; ask again." },
    { VZErrorCodeNotSupported, ABX_ERR_NOT_SUPPORTED, "" },
    { VZErrorCodeSave, ABX_ERR_SYSTEM, "Make room for the file; not every device can be saved." },
    { VZErrorCodeRestore, ABX_ERR_FORMAT,
      "A saved state fits the Mac, the configuration and the machine identifier that it was saved with." },
};

static const char *judge(abx_vz_fault *fault, const char *domain, int64_t code, const char *description)
{
    fault->status = ABX_ERR_SYSTEM;
    if (strcmp(domain, "NSPOSIXErrorDomain") == 0 && code > 0 && code <= INT32_MAX) {
        fault->os_error = (int)code;
        fault->status = abx_status_of_errno(fault->os_error);
        return "";
    }
    if (strcmp(domain, "VZErrorDomain") != 0)
        return "";
    /* The framework has one code for both of them and for faulty configurations. */
    if (code == VZErrorCodeInvalidVirtualMachineConfiguration && strstr(description, "entitlement")) {
        fault->status = ABX_ERR_PERMISSION;
        return SIGN_ADVICE;
    }
    if (code == VZErrorCodeInvalidVirtualMachineConfiguration &&
        strstr(description, "not available on this hardware")) {
        fault->status = ABX_ERR_NOT_SUPPORTED;
        return "Inside a virtual machine Macs have no virtualization, unless it was given to them.";
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].code == code) {
            fault->status = known[i].status;
            return known[i].advice;
        }
    }
    return "";
}

void abx_vz_fault_from(abx_vz_fault *fault, id error)
{
    *fault = (abx_vz_fault){ .status = ABX_ERR_SYSTEM, .text = "The framework gives no reason." };
    if (!error)
        return;
    const char *domain = abx_ns_text(NSError_domain(error));
    const char *description = abx_ns_text(NSError_localizedDescription(error));
    const char *reason = abx_ns_text(NSError_localizedFailureReason(error));
    int64_t code = NSError_code(error);
    /* The description often ends with the reason already. */
    if (strstr(description, reason))
        reason = "";
    const char *advice = judge(fault, domain, code, *reason ? reason : description);
    snprintf(fault->text, sizeof(fault->text), "%.250s%s%.100s (%.40s %lld)%s%s", description, *reason ? " " : "",
             reason, domain, (long long)code, *advice ? ". " : "", advice);
}

void abx_vz_fault_set(abx_vz_fault *fault, abx_status status, const char *text, ...)
{
    va_list arguments;
    *fault = (abx_vz_fault){ .status = status };
    va_start(arguments, text);
    if (vsnprintf(fault->text, sizeof(fault->text), text, arguments) < 0)
        fault->text[0] = '\0';
    va_end(arguments);
}

abx_status abx_vz_fault_report(const abx_vz_fault *fault, const char *operation)
{
    if (fault->status == ABX_OK)
        return ABX_OK;
    return abx_fail(fault->status, fault->os_error, fault->text, "%s", operation);
}
