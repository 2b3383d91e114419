/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "fault.h"
#include "foundation.h"
#include "path.h"
#include "vz_api.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static abx_status fail(id error, const char *operation)
{
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    return abx_vz_fault_report(&fault, operation);
}

static abx_status directory(id *out, const abx_fs_share *share)
{
    id url;
    abx_status status = abx_vz_path_url(&url, share->path, "shared directory", O_RDONLY, S_IFDIR, 0, NULL);
    if (status != ABX_OK)
        return status;
    *out = VZSharedDirectory_initWithURL_readOnly_(url, share->read_only);
    return *out ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "share %s", share->path);
}

static abx_status single(id *out, const abx_fs_share *share)
{
    id shared;
    abx_status status = directory(&shared, share);
    if (status == ABX_OK)
        *out = VZSingleDirectoryShare_initWithDirectory_(shared);
    return status;
}

/* The framework raises at a name that it does not find valid. */
static abx_status name(id *out, const char *text)
{
    id error = NULL, string = abx_ns_string(text);
    if (!string)
        return abx_fail(ABX_ERR_INVALID, 0, "Names must be UTF-8.", "name a shared directory");
    if (!VZMultipleDirectoryShare_validateName_error_(string, &error))
        return fail(error, "name a shared directory");
    *out = string;
    return ABX_OK;
}

static abx_status multiple(id *out, const abx_fs_config *config)
{
    id *objects = calloc(2 * config->share_count, sizeof(id));
    if (!objects)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "share %zu directories", config->share_count);
    id *names = objects + config->share_count;
    abx_status status = ABX_OK;
    for (size_t i = 0; i < config->share_count && status == ABX_OK; i++) {
        status = name(&names[i], config->shares[i].name);
        if (status == ABX_OK)
            status = directory(&objects[i], &config->shares[i]);
    }
    id directories = NULL;
    if (status == ABX_OK)
        directories = NSDictionary_dictionaryWithObjects_forKeys_count_(objects, names, config->share_count);
    free(objects);
    *out = directories ? VZMultipleDirectoryShare_initWithDirectories_(directories) : NULL;
    return status;
}

abx_status abx_vz_tagged_share_new(id *out, const char *tag, id share)
{
    static const char operation[] = "share with a guest";
    id error = NULL, string = abx_ns_string(tag);
    if (!string)
        return abx_fail(ABX_ERR_INVALID, 0, "Tags must be UTF-8.", "%s", operation);
    if (!VZVirtioFileSystemDeviceConfiguration_validateTag_error_(string, &error))
        return fail(error, operation);
    id device = share ? VZVirtioFileSystemDeviceConfiguration_initWithTag_(string) : NULL;
    if (!device)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s", operation);
    VZVirtioFileSystemDeviceConfiguration_setShare_(device, share);
    *out = device;
    return ABX_OK;
}

abx_status abx_vz_share_new(id *out, const abx_fs_config *config)
{
    id share = NULL;
    abx_status status = config->shares[0].name ? multiple(&share, config) : single(&share, &config->shares[0]);
    return status == ABX_OK ? abx_vz_tagged_share_new(out, config->tag, share) : status;
}
