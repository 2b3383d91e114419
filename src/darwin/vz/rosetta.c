/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rosetta.h"
#include "block.h"
#include "configuration.h"
#include "fault.h"
#include "foundation.h"
#include "vz_api.h"

static abx_rosetta_availability find_availability(void)
{
    if (!VZLinuxRosettaDirectoryShare_availability_available())
        return ABX_ROSETTA_NOT_SUPPORTED;
    switch (VZLinuxRosettaDirectoryShare_availability()) {
    case VZLinuxRosettaAvailabilityInstalled:
        return ABX_ROSETTA_INSTALLED;
    case VZLinuxRosettaAvailabilityNotInstalled:
        return ABX_ROSETTA_NOT_INSTALLED;
    default:
        return ABX_ROSETTA_NOT_SUPPORTED;
    }
}

abx_status abx_vz_rosetta_availability(void *hypervisor, abx_rosetta_availability *availability)
{
    (void)hypervisor;
    void *pool = objc_autoreleasePoolPush();
    *availability = find_availability();
    objc_autoreleasePoolPop(pool);
    return ABX_OK;
}

/* A person answers, and a download follows: there is no limit of time. The answer comes on any thread. */
abx_status abx_vz_rosetta_install(void *hypervisor)
{
    abx_completion *completion;
    abx_vz_fault fault;
    (void)hypervisor;
    if (!VZLinuxRosettaDirectoryShare_availability_available())
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "It needs " VZLinuxRosettaDirectoryShare_availability_SINCE ".",
                        "install Rosetta");
    abx_status status = abx_completion_new(&completion);
    if (status != ABX_OK)
        return status;
    void *pool = objc_autoreleasePoolPush();
    abx_block handler;
    abx_block_begin(&handler, completion);
    VZLinuxRosettaDirectoryShare_installRosettaWithCompletionHandler_(&handler);
    abx_block_end(&handler);
    objc_autoreleasePoolPop(pool);
    abx_completion_wait(completion, -1, &fault, NULL);
    abx_completion_release(completion);
    return abx_vz_fault_report(&fault, "install Rosetta");
}

static bool set_cache(id share, const abx_rosetta_config *config, id *error)
{
    id options, address = abx_ns_string(config->cache_address);
    if (!address)
        return false;
    if (config->cache == ABX_ROSETTA_CACHE_UNIX)
        options = VZLinuxRosettaUnixSocketCachingOptions_initWithPath_error_(address, error);
    else
        options = VZLinuxRosettaAbstractSocketCachingOptions_initWithName_error_(address, error);
    if (options)
        VZLinuxRosettaDirectoryShare_setOptions_(share, options);
    return options != NULL;
}

abx_status abx_vz_rosetta_new(id *out, const abx_rosetta_config *config)
{
    id error = NULL;
    abx_rosetta_availability availability;
    abx_vz_rosetta_availability(NULL, &availability);
    if (availability != ABX_ROSETTA_INSTALLED)
        return abx_fail(ABX_ERR_NOT_FOUND, 0, "Rosetta is not installed: abx_rosetta_install().",
                        "share Rosetta with a guest");
    id share = VZLinuxRosettaDirectoryShare_initWithError_(&error);
    if (share && (config->cache == ABX_ROSETTA_CACHE_NONE || set_cache(share, config, &error)))
        return abx_vz_tagged_share_new(out, config->tag, share);
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    return abx_vz_fault_report(&fault, "share Rosetta with a guest");
}
