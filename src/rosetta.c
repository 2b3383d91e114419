/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/rosetta.h>

#include "backends.h"
#include "hypervisor_internal.h"

static abx_status check(abx_hypervisor *hypervisor, bool valid, size_t offset, const char *operation)
{
    if (!hypervisor || !valid)
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL.", "%s", operation);
    const abx_backend *backend = abx_hypervisor_table(hypervisor);
    bool able = abx_hypervisor_has(hypervisor, ABX_CAP_ROSETTA) && abx_table_has(backend, offset);
    return able ? ABX_OK : abx_fail_unmanaged(backend, operation);
}

abx_status abx_rosetta_get_availability(abx_hypervisor *hypervisor, abx_rosetta_availability *availability)
{
    abx_status status =
        check(hypervisor, availability, offsetof(abx_backend, rosetta_availability), "look for Rosetta");
    if (status != ABX_OK)
        return status;
    return abx_hypervisor_table(hypervisor)->rosetta_availability(abx_hypervisor_object(hypervisor), availability);
}

abx_status abx_rosetta_install(abx_hypervisor *hypervisor)
{
    abx_status status = check(hypervisor, true, offsetof(abx_backend, rosetta_install), "install Rosetta");
    return status != ABX_OK ? status
                            : abx_hypervisor_table(hypervisor)->rosetta_install(abx_hypervisor_object(hypervisor));
}
