/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "vz_api.h"

static abx_status machine_identifier(id *out, const abx_vm_config *config)
{
    if (!config->machine_id) {
        *out = VZGenericMachineIdentifier_init();
        return *out ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a machine identifier");
    }
    id data = NSData_dataWithBytes_length_(config->machine_id, config->machine_id_size);
    *out = data ? VZGenericMachineIdentifier_initWithDataRepresentation_(data) : NULL;
    return *out ? ABX_OK
                : abx_fail(ABX_ERR_FORMAT, 0, "Take it from abx_vm_get_machine_id().", "use a machine identifier");
}

static abx_status identify(id platform, id *identifier, const abx_vm_config *config)
{
    id fresh;
    if (!VZGenericPlatformConfiguration_setMachineIdentifier__available())
        return ABX_OK;
    abx_status status = machine_identifier(&fresh, config);
    if (status != ABX_OK)
        return status;
    VZGenericPlatformConfiguration_setMachineIdentifier_(platform, fresh);
    *identifier = VZGenericMachineIdentifier_dataRepresentation(fresh);
    return *identifier ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "read a machine identifier");
}

abx_status abx_vz_platform_new(id *out, id *identifier, const abx_vm_config *config)
{
    *out = *identifier = NULL;
    /* Before it was the only one. */
    if (!VZGenericPlatformConfiguration_init_available())
        return ABX_OK;
    id platform = VZGenericPlatformConfiguration_init();
    if (!platform)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a platform");
    abx_status status = identify(platform, identifier, config);
    if (status != ABX_OK)
        return status;
    if (config->nested == ABX_YES)
        VZGenericPlatformConfiguration_setNestedVirtualizationEnabled_(platform, true);
    *out = platform;
    return ABX_OK;
}
