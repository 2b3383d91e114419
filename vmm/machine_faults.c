/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_faults.h"

#include <stdarg.h>
#include <string.h>

void abx_machine_faults_add(abx_machine_faults *faults, const char *format, ...)
{
    char fault[320];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(fault, sizeof(fault), format, arguments);
    va_end(arguments);
    faults->count++;
    if (length < 0)
        return;
    const char *separator = faults->length ? "; " : "";
    size_t room = sizeof(faults->text) - faults->length;
    size_t needed = strlen(separator) + strlen(fault);
    if (needed >= room)
        return;
    snprintf(faults->text + faults->length, room, "%s%s", separator, fault);
    faults->length += needed;
}

abx_status abx_machine_faults_status(const abx_machine_faults *faults)
{
    if (faults->count == 0)
        return ABX_OK;
    return abx_fail(ABX_ERR_CONFIG, 0, faults->text, "check the machine's configuration (%zu fault%s)", faults->count,
                    faults->count == 1 ? "" : "s");
}
