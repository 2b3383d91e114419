/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Shared directories. */
#include "classes.h"
#include "devices.h"

#include <string.h>
#include <sys/stat.h>

typedef struct directory {
    struct objc_object base;
    id url;
    BOOL read_only;
} directory;
typedef struct share {
    struct objc_object base;
    id content; /* a directory, or a dictionary of them */
} share;
typedef struct device {
    struct objc_object base;
    id tag, share;
} device;

enum { TAG_LIMIT = 36, NAME_LIMIT = 255 };

static id directory_init(id object, SEL selector, id url, BOOL read_only)
{
    (void)selector;
    if (!model_is_kind(url, "NSURL"))
        model_invalid("-[VZSharedDirectory initWithURL:readOnly:] without a folder");
    if (model_fails("initWithURL:readOnly:"))
        return model_init_failed(object);
    model_set(&((directory *)object)->url, url);
    ((directory *)object)->read_only = read_only;
    return object;
}

static const model_method directory_methods[] = {
    METHOD('-', "initWithURL:readOnly:", "@@:@B", directory_init, ALWAYS, 0),
};
static const model_property directory_properties[] = {
    { "URL", NULL, '@', READ_ONLY, offsetof(directory, url), ALWAYS, NULL, NULL },
    { "readOnly", "isReadOnly", 'B', READ_ONLY, offsetof(directory, read_only), ALWAYS, NULL, NULL },
};
const model_class model_vz_shared_directory = { .name = "VZSharedDirectory",
                                                .super = "NSObject",
                                                .size = sizeof(directory),
                                                .flags = NO_PLAIN_INIT,
                                                .since = MACOS(12, 0),
                                                METHODS(directory_methods),
                                                PROPERTIES(directory_properties) };

static id single_init(id object, SEL selector, id shared)
{
    (void)selector;
    if (!model_is_kind(shared, "VZSharedDirectory"))
        model_invalid("-[VZSingleDirectoryShare initWithDirectory:] without a directory");
    if (model_fails("initWithDirectory:"))
        return model_init_failed(object);
    model_set(&((share *)object)->content, shared);
    return object;
}

static bool name_is_good(id name)
{
    const char *text = model_text(name);
    size_t length = strlen(text);
    return length > 0 && length <= NAME_LIMIT && !strchr(text, '/') && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

static BOOL multiple_validate(Class class, SEL selector, id name, id *error)
{
    (void)class;
    (void)selector;
    if (!model_is_kind(name, "NSString"))
        model_invalid("+[VZMultipleDirectoryShare validateName:error:] without a string");
    if (model_fails("validateName:error:") || !name_is_good(name))
        return model_report(error, 2, "The directory's name is invalid.");
    return true;
}

static id multiple_init(id object, SEL selector, id directories)
{
    (void)selector;
    if (!model_is_kind(directories, "NSDictionary"))
        model_invalid("-[VZMultipleDirectoryShare initWithDirectories:] without a dictionary");
    for (size_t i = 0; i < model_dictionary_count(directories); i++) {
        id name = model_dictionary_key(directories, i);
        if (!model_is_kind(name, "NSString") || !name_is_good(name) ||
            !model_is_kind(model_dictionary_value(directories, i), "VZSharedDirectory"))
            model_invalid("-[VZMultipleDirectoryShare initWithDirectories:] with a wrong entry");
    }
    if (model_fails("initWithDirectories:"))
        return model_init_failed(object);
    model_set(&((share *)object)->content, directories);
    return object;
}

const model_class model_vz_directory_share = {
    .name = "VZDirectoryShare", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(12, 0)
};
static const model_method single_methods[] = {
    METHOD('-', "initWithDirectory:", "@@:@", single_init, ALWAYS, 0),
};
static const model_property single_properties[] = {
    { "directory", NULL, '@', READ_ONLY, offsetof(share, content), ALWAYS, NULL, NULL },
};
const model_class model_vz_single_share = { .name = "VZSingleDirectoryShare",
                                            .super = "VZDirectoryShare",
                                            .size = sizeof(share),
                                            .flags = NO_PLAIN_INIT,
                                            .since = MACOS(12, 0),
                                            METHODS(single_methods),
                                            PROPERTIES(single_properties) };
static const model_method multiple_methods[] = {
    METHOD('+', "validateName:error:", "B@:@^@", multiple_validate, ALWAYS, 0),
    METHOD('-', "initWithDirectories:", "@@:@", multiple_init, ALWAYS, 0),
};
static const model_property multiple_properties[] = {
    { "directories", NULL, '@', READ_ONLY, offsetof(share, content), ALWAYS, NULL, NULL },
};
const model_class model_vz_multiple_share = { .name = "VZMultipleDirectoryShare",
                                              .super = "VZDirectoryShare",
                                              .size = sizeof(share),
                                              .since = MACOS(12, 0),
                                              METHODS(multiple_methods),
                                              PROPERTIES(multiple_properties) };

static bool tag_is_good(id tag)
{
    size_t length = strlen(model_text(tag));
    return length > 0 && length < TAG_LIMIT;
}

static BOOL device_validate(Class class, SEL selector, id tag, id *error)
{
    (void)class;
    (void)selector;
    if (!model_is_kind(tag, "NSString"))
        model_invalid("+[VZVirtioFileSystemDeviceConfiguration validateTag:error:] without a string");
    if (model_fails("validateTag:error:") || !tag_is_good(tag))
        return model_report(error, 2, "The tag is invalid.");
    return true;
}

static id device_init(id object, SEL selector, id tag)
{
    (void)selector;
    if (!model_is_kind(tag, "NSString") || !tag_is_good(tag))
        model_invalid("-[VZVirtioFileSystemDeviceConfiguration initWithTag:] with an invalid tag");
    if (model_fails("initWithTag:"))
        return model_init_failed(object);
    model_set(&((device *)object)->tag, tag);
    return object;
}

static const model_method device_methods[] = {
    METHOD('+', "validateTag:error:", "B@:@^@", device_validate, ALWAYS, 0),
    METHOD('-', "initWithTag:", "@@:@", device_init, ALWAYS, 0),
};
static const model_property device_properties[] = {
    { "tag", NULL, '@', COPIED, offsetof(device, tag), ALWAYS, "NSString", NULL },
    { "share", NULL, '@', RETAINED, offsetof(device, share), ALWAYS, "VZDirectoryShare", NULL },
};
const model_class model_vz_sharing_device = {
    .name = "VZDirectorySharingDeviceConfiguration", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(12, 0)
};
const model_class model_vz_file_system = { .name = "VZVirtioFileSystemDeviceConfiguration",
                                           .super = "VZDirectorySharingDeviceConfiguration",
                                           .size = sizeof(device),
                                           .flags = NO_PLAIN_INIT,
                                           .since = MACOS(12, 0),
                                           METHODS(device_methods),
                                           PROPERTIES(device_properties) };

const char *vz_share_tag(id object)
{
    return model_text(((device *)object)->tag);
}

static bool is_folder(id object)
{
    struct stat status;
    return stat(model_path(((directory *)object)->url), &status) == 0 && S_ISDIR(status.st_mode);
}

const char *vz_share_problem(id object)
{
    id shared = ((device *)object)->share;
    if (model_is_kind(shared, "VZSingleDirectoryShare") && !is_folder(((share *)shared)->content))
        return "A shared directory is not accessible.";
    if (model_is_kind(shared, "VZMultipleDirectoryShare"))
        for (size_t i = 0; i < model_dictionary_count(((share *)shared)->content); i++)
            if (!is_folder(model_dictionary_value(((share *)shared)->content, i)))
                return "A shared directory is not accessible.";
    return NULL;
}
