/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "fault.h"
#include "foundation.h"
#include "path.h"
#include "vz_api.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static abx_status fail_text(const char *what)
{
    return abx_fail(ABX_ERR_INVALID, 0, "It must be UTF-8.", "give %s to Virtualization.framework", what);
}

/*
 * The framework unpacks nothing: a guest with a compressed kernel is silent for ever. On Intel a bzImage unpacks
 * itself.
 */
static abx_status check_kernel(int fd, const char *path)
{
    static const unsigned char gzip[] = { 0x1f, 0x8b };
    static const char zboot[] = { 'z', 'i', 'm', 'g' };
    char head[8] = { 0 };
    ssize_t length = pread(fd, head, sizeof(head), 0);
    if (length < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "read kernel %s", path);
    if (memcmp(head, gzip, sizeof(gzip)) == 0 || memcmp(head + 4, zboot, sizeof(zboot)) == 0)
        return abx_fail(ABX_ERR_FORMAT, 0, "Virtualization.framework boots no compressed kernel: unpack it.",
                        "use kernel %s", path);
    return ABX_OK;
}

static abx_status kernel_url(id *url, const char *path)
{
    int fd;
    abx_status status = abx_vz_path_url(url, path, "kernel", O_RDONLY, S_IFREG, 0, &fd);
    if (status != ABX_OK)
        return status;
    status = check_kernel(fd, path);
    close(fd);
    return status;
}

static abx_status linux_loader(id *out, const abx_boot_config *boot)
{
    id kernel, initrd = NULL, cmdline = NULL;
    abx_status status = kernel_url(&kernel, boot->kernel);
    if (status == ABX_OK && boot->initrd)
        status = abx_vz_path_url(&initrd, boot->initrd, "initrd", O_RDONLY, S_IFREG, 0, NULL);
    if (status != ABX_OK)
        return status;
    if (boot->cmdline) {
        cmdline = abx_ns_string(boot->cmdline);
        if (!cmdline)
            return fail_text("the command line");
    }
    id loader = VZLinuxBootLoader_initWithKernelURL_(kernel);
    if (!loader)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a boot loader");
    if (initrd)
        VZLinuxBootLoader_setInitialRamdiskURL_(loader, initrd);
    if (cmdline)
        VZLinuxBootLoader_setCommandLine_(loader, cmdline);
    *out = loader;
    return ABX_OK;
}

/* Opens the variable store, or makes one where there is no file. */
static abx_status variable_store(id *out, const char *path)
{
    static const char what[] = "EFI variable store";
    struct stat file;
    id url, store, error = NULL;
    if (stat(path, &file) == 0) {
        abx_status status = abx_vz_path_url(&url, path, what, O_RDWR, S_IFREG, 0, NULL);
        if (status != ABX_OK)
            return status;
        store = VZEFIVariableStore_initWithURL_(url);
    } else {
        if (errno != ENOENT)
            return abx_fail(abx_status_of_errno(errno), errno, NULL, "open %s %s", what, path);
        url = abx_ns_file_url(path);
        if (!url)
            return fail_text("the path of the EFI variable store");
        store = VZEFIVariableStore_initCreatingVariableStoreAtURL_options_error_(url, 0, &error);
    }
    if (store) {
        *out = store;
        return ABX_OK;
    }
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    return abx_vz_fault_report(&fault, "open the EFI variable store");
}

static abx_status efi_loader(id *out, const char *variables)
{
    id store = NULL;
    abx_status status = variable_store(&store, variables);
    if (status != ABX_OK)
        return status;
    id loader = VZEFIBootLoader_init();
    if (!loader)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a boot loader");
    VZEFIBootLoader_setVariableStore_(loader, store);
    *out = loader;
    return ABX_OK;
}

abx_status abx_vz_boot_loader_new(id *out, const abx_boot_config *boot)
{
    return boot->efi_variables ? efi_loader(out, boot->efi_variables) : linux_loader(out, boot);
}
