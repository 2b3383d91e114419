/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct meaning {
    hv_return_t result;
    abx_status status;
    const char *name;
    const char *advice;
} meaning;

static const meaning meanings[] = {
    { HV_ERROR, ABX_ERR_SYSTEM, "HV_ERROR", NULL },
    { HV_BUSY, ABX_ERR_BUSY, "HV_BUSY", NULL },
    { HV_BAD_ARGUMENT, ABX_ERR_SYSTEM, "HV_BAD_ARGUMENT", NULL },
    { HV_ILLEGAL_GUEST_STATE, ABX_ERR_SYSTEM, "HV_ILLEGAL_GUEST_STATE", NULL },
    { HV_NO_RESOURCES, ABX_ERR_NO_MEMORY, "HV_NO_RESOURCES", "End other VMs of this host, or programs." },
    { HV_NO_DEVICE, ABX_ERR_NOT_SUPPORTED, "HV_NO_DEVICE", NULL },
    { HV_DENIED, ABX_ERR_PERMISSION, "HV_DENIED",
      "Sign the program with the entitlement com.apple.security.hypervisor: codesign --sign - --force --entitlements "
      "FILE PROGRAM." },
    { HV_FAULT, ABX_ERR_SYSTEM, "HV_FAULT", NULL },
    { HV_UNSUPPORTED, ABX_ERR_NOT_SUPPORTED, "HV_UNSUPPORTED", NULL },
};

abx_status abx_hv_check(hv_return_t result, const char *operation, ...)
{
    if (result == HV_SUCCESS)
        return ABX_OK;
    meaning found = { result, ABX_ERR_SYSTEM, "an unknown number", NULL };
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (meanings[i].result == result)
            found = meanings[i];
    }
    char text[160];
    va_list arguments;
    va_start(arguments, operation);
    vsnprintf(text, sizeof(text), operation, arguments);
    va_end(arguments);
    return abx_fail(found.status, 0, found.advice, "%s: Hypervisor.framework says %s (%#x)", text, found.name,
                    (unsigned int)result);
}
