/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "fault.h"
#include "foundation.h"
#include "path.h"
#include "vz_api.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

static abx_status check_size(int fd, const char *path)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "measure disk image %s", path);
    if (size == 0 || size % SECTOR)
        return abx_fail(ABX_ERR_FORMAT, 0, "Its size must be a multiple of 512 bytes: a raw image.",
                        "use disk image %s of %lld bytes", path, (long long)size);
    return ABX_OK;
}

static abx_status image_url(id *url, const abx_block_config *config)
{
    int fd;
    abx_status status =
        abx_vz_path_url(url, config->path, "disk image", config->read_only ? O_RDONLY : O_RDWR, S_IFREG, S_IFBLK, &fd);
    if (status != ABX_OK)
        return status;
    status = check_size(fd, config->path);
    close(fd);
    return status;
}

static int64_t caching_mode(abx_block_cache cache)
{
    switch (cache) {
    case ABX_CACHE_CACHED:
        return VZDiskImageCachingModeCached;
    case ABX_CACHE_UNCACHED:
        return VZDiskImageCachingModeUncached;
    default:
        return VZDiskImageCachingModeAutomatic;
    }
}

static int64_t synchronization_mode(abx_block_sync sync)
{
    switch (sync) {
    case ABX_SYNC_FSYNC:
        return VZDiskImageSynchronizationModeFsync;
    case ABX_SYNC_NONE:
        return VZDiskImageSynchronizationModeNone;
    default:
        return VZDiskImageSynchronizationModeFull;
    }
}

static id attach(id url, const abx_block_config *config, id *error)
{
    if (VZDiskImageStorageDeviceAttachment_initWithURL_readOnly_cachingMode_synchronizationMode_error__available())
        return VZDiskImageStorageDeviceAttachment_initWithURL_readOnly_cachingMode_synchronizationMode_error_(
            url, config->read_only, caching_mode(config->cache), synchronization_mode(config->sync), error);
    return VZDiskImageStorageDeviceAttachment_initWithURL_readOnly_error_(url, config->read_only, error);
}

/* The framework raises at an identifier that it does not find valid. */
static bool identify(id disk, const char *serial, id *error)
{
    id identifier = abx_ns_string(serial);
    if (!identifier || !VZVirtioBlockDeviceConfiguration_validateBlockDeviceIdentifier_error_(identifier, error))
        return false;
    VZVirtioBlockDeviceConfiguration_setBlockDeviceIdentifier_(disk, identifier);
    return true;
}

abx_status abx_vz_disk_new(id *out, const abx_block_config *config)
{
    id url, error = NULL;
    abx_status status = image_url(&url, config);
    if (status != ABX_OK)
        return status;
    id attachment = attach(url, config, &error);
    id disk = attachment ? VZVirtioBlockDeviceConfiguration_initWithAttachment_(attachment) : NULL;
    if (disk && (!config->serial || identify(disk, config->serial, &error))) {
        *out = disk;
        return ABX_OK;
    }
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    return abx_vz_fault_report(&fault, "attach a disk image");
}
