/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boot loaders and EFI's variables. */
#include "classes.h"
#include "devices.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct linux_boot_loader {
    struct objc_object base;
    id kernel, initial_ramdisk, command_line;
} linux_boot_loader;
typedef struct efi_boot_loader {
    struct objc_object base;
    id variables;
} efi_boot_loader;
typedef struct efi_variables {
    struct objc_object base;
    id url;
} efi_variables;

static const char magic[] = "variables of the model";

static id linux_init(id object, SEL selector, id url)
{
    (void)selector;
    if (!model_is_kind(url, "NSURL"))
        model_invalid("-[VZLinuxBootLoader initWithKernelURL:] without a file");
    if (model_fails("initWithKernelURL:"))
        return model_init_failed(object);
    model_set(&((linux_boot_loader *)object)->kernel, url);
    return object;
}

static const model_method linux_methods[] = { METHOD('-', "initWithKernelURL:", "@@:@", linux_init, ALWAYS, 0) };
static const model_property linux_properties[] = {
    { "kernelURL", NULL, '@', COPIED, offsetof(linux_boot_loader, kernel), ALWAYS, "NSURL", NULL },
    { "initialRamdiskURL", NULL, '@', COPIED, offsetof(linux_boot_loader, initial_ramdisk), ALWAYS, "NSURL", NULL },
    { "commandLine", NULL, '@', COPIED, offsetof(linux_boot_loader, command_line), ALWAYS, "NSString", NULL },
};
const model_class model_vz_boot_loader = {
    .name = "VZBootLoader", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(11, 0)
};
const model_class model_vz_linux_boot_loader = { .name = "VZLinuxBootLoader",
                                                 .super = "VZBootLoader",
                                                 .size = sizeof(linux_boot_loader),
                                                 .flags = NO_PLAIN_INIT,
                                                 METHODS(linux_methods),
                                                 PROPERTIES(linux_properties) };

static id variables_init(id object, SEL selector, id url)
{
    (void)selector;
    if (!model_is_kind(url, "NSURL"))
        model_invalid("-[VZEFIVariableStore initWithURL:] without a file");
    if (model_fails("initWithURL:"))
        return model_init_failed(object);
    model_set(&((efi_variables *)object)->url, url);
    return object;
}

enum { OVERWRITE = 1 };

static bool create_variables(const char *path, uint64_t options)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (options & OVERWRITE ? O_TRUNC : O_EXCL), 0600);
    if (fd < 0)
        return false;
    bool written = write(fd, magic, sizeof magic) == sizeof magic;
    return close(fd) == 0 && written;
}

static id variables_create(id object, SEL selector, id url, uint64_t options, id *error)
{
    (void)selector;
    if (!model_is_kind(url, "NSURL"))
        model_invalid("-[VZEFIVariableStore initCreatingVariableStoreAtURL:options:error:] without a file");
    if (model_fails("initCreatingVariableStoreAtURL:options:error:") || !create_variables(model_path(url), options)) {
        model_report(error, 1, "The EFI variable store could not be created.");
        return model_init_failed(object);
    }
    model_set(&((efi_variables *)object)->url, url);
    return object;
}

static const model_method variables_methods[] = {
    METHOD('-', "initWithURL:", "@@:@", variables_init, ALWAYS, 0),
    METHOD('-', "initCreatingVariableStoreAtURL:options:error:", "@@:@Q^@", variables_create, ALWAYS, 0),
};
static const model_property variables_properties[] = {
    { "URL", NULL, '@', READ_ONLY, offsetof(efi_variables, url), ALWAYS, "NSURL", NULL },
};
const model_class model_vz_efi_variables = { .name = "VZEFIVariableStore",
                                             .super = "NSObject",
                                             .size = sizeof(efi_variables),
                                             .flags = NO_PLAIN_INIT,
                                             .since = MACOS(13, 0),
                                             METHODS(variables_methods),
                                             PROPERTIES(variables_properties) };

static const model_property efi_properties[] = {
    { "variableStore", NULL, '@', RETAINED, offsetof(efi_boot_loader, variables), ALWAYS, "VZEFIVariableStore", NULL },
};
const model_class model_vz_efi_boot_loader = { .name = "VZEFIBootLoader",
                                               .super = "VZBootLoader",
                                               .size = sizeof(efi_boot_loader),
                                               .since = MACOS(13, 0),
                                               PROPERTIES(efi_properties) };

static bool has_variables(const char *path)
{
    char start[sizeof magic] = "";
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    size_t size = fread(start, 1, sizeof start, file);
    fclose(file);
    return size == sizeof start && memcmp(start, magic, size) == 0;
}

const char *vz_boot_loader_problem(id object)
{
    if (!object)
        return "The boot loader is missing.";
    if (model_is_kind(object, "VZEFIBootLoader")) {
        efi_variables *variables = (efi_variables *)((efi_boot_loader *)object)->variables;
        return variables && has_variables(model_path(variables->url)) ? NULL : "The EFI variable store is invalid.";
    }
    linux_boot_loader *it = (linux_boot_loader *)object;
    if (access(model_path(it->kernel), R_OK) != 0)
        return "The kernel is not accessible.";
    if (it->initial_ramdisk && access(model_path(it->initial_ramdisk), R_OK) != 0)
        return "The initial RAM disk is not accessible.";
    return NULL;
}
