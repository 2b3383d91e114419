/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Disk images and block devices. */
#include "classes.h"
#include "devices.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct attachment {
    struct objc_object base;
    id url;
    BOOL read_only;
    int64_t caching, synchronization;
} attachment;
typedef struct block_device {
    struct objc_object base;
    id attachment, identifier;
} block_device;

enum { SECTOR = 512, INVALID_DISK_IMAGE = 5, NO_SUCH_FILE = 260, LONGEST_IDENTIFIER = 20 };

static bool open_image(const char *path, bool read_only, id *error)
{
    int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    struct stat status;
    bool is_there = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (fd >= 0)
        close(fd);
    if (!is_there) {
        if (error)
            *error = model_error("NSCocoaErrorDomain", NO_SUCH_FILE, "The disk image is not accessible.");
        return false;
    }
    if (status.st_size == 0 || status.st_size % SECTOR != 0)
        return model_report(error, INVALID_DISK_IMAGE, "The size of the disk image is not a multiple of 512 bytes.");
    return true;
}

static id attach(id object, id url, bool read_only, int64_t caching, int64_t synchronization, id *error)
{
    attachment *it = (attachment *)object;
    if (!model_is_kind(url, "NSURL"))
        model_invalid("a VZDiskImageStorageDeviceAttachment without a file");
    if (caching < 0 || caching > 2 || synchronization < 1 || synchronization > 3)
        model_invalid("a VZDiskImageStorageDeviceAttachment with modes %lld and %lld", (long long)caching,
                      (long long)synchronization);
    if (model_fails("VZDiskImageStorageDeviceAttachment init")) {
        model_report(error, 1, "Internal error.");
        return model_init_failed(object);
    }
    if (!open_image(model_path(url), read_only, error))
        return model_init_failed(object);
    model_set(&it->url, url);
    it->read_only = read_only;
    it->caching = caching;
    it->synchronization = synchronization;
    return object;
}

static id attachment_init(id object, SEL selector, id url, BOOL read_only, id *error)
{
    (void)selector;
    return attach(object, url, read_only, 0, 1, error);
}

static id attachment_init_modes(id object, SEL selector, id url, BOOL read_only, int64_t caching,
                                int64_t synchronization, id *error)
{
    (void)selector;
    return attach(object, url, read_only, caching, synchronization, error);
}

static const model_method attachment_methods[] = {
    METHOD('-', "initWithURL:readOnly:error:", "@@:@B^@", attachment_init, ALWAYS, 0),
    METHOD('-', "initWithURL:readOnly:cachingMode:synchronizationMode:error:", "@@:@Bqq^@", attachment_init_modes,
           MACOS(12, 0), 0),
};
static const model_property attachment_properties[] = {
    { "URL", NULL, '@', READ_ONLY, offsetof(attachment, url), ALWAYS, NULL, NULL },
    { "readOnly", "isReadOnly", 'B', READ_ONLY, offsetof(attachment, read_only), ALWAYS, NULL, NULL },
    { "cachingMode", NULL, 'q', READ_ONLY, offsetof(attachment, caching), MACOS(12, 0), NULL, NULL },
    { "synchronizationMode", NULL, 'q', READ_ONLY, offsetof(attachment, synchronization), MACOS(12, 0), NULL, NULL },
};
const model_class model_vz_storage_attachment = {
    .name = "VZStorageDeviceAttachment", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(11, 0)
};
const model_class model_vz_disk_image = { .name = "VZDiskImageStorageDeviceAttachment",
                                          .super = "VZStorageDeviceAttachment",
                                          .size = sizeof(attachment),
                                          .flags = NO_PLAIN_INIT,
                                          METHODS(attachment_methods),
                                          PROPERTIES(attachment_properties) };

static id block_init(id object, SEL selector, id attached)
{
    (void)selector;
    if (!model_is_kind(attached, "VZStorageDeviceAttachment"))
        model_invalid("-[VZVirtioBlockDeviceConfiguration initWithAttachment:] without an attachment");
    if (model_fails("initWithAttachment:"))
        return model_init_failed(object);
    model_set(&((block_device *)object)->attachment, attached);
    return object;
}

static bool identifier_is_good(id identifier)
{
    const char *text = model_text(identifier);
    size_t length = strlen(text);
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at >= 0x80)
            return false;
    return length > 0 && length <= LONGEST_IDENTIFIER;
}

static BOOL block_validate(Class class, SEL selector, id identifier, id *error)
{
    (void)class;
    (void)selector;
    if (!model_is_kind(identifier, "NSString"))
        model_invalid("validateBlockDeviceIdentifier:error: without a string");
    if (model_fails("validateBlockDeviceIdentifier:error:") || !identifier_is_good(identifier))
        return model_report(error, 2, "The block device identifier is invalid.");
    return true;
}

static void block_set_identifier(id object, SEL selector, id identifier)
{
    (void)selector;
    if (identifier && !identifier_is_good(identifier))
        model_invalid("-[VZVirtioBlockDeviceConfiguration setBlockDeviceIdentifier:] with %s", model_text(identifier));
    model_set(&((block_device *)object)->identifier, identifier);
}

static const model_method block_methods[] = {
    METHOD('-', "initWithAttachment:", "@@:@", block_init, ALWAYS, 0),
    METHOD('+', "validateBlockDeviceIdentifier:error:", "B@:@^@", block_validate, MACOS(12, 3), 0),
    METHOD('-', "setBlockDeviceIdentifier:", "v@:@", block_set_identifier, MACOS(12, 3), 0),
};
static const model_property storage_properties[] = {
    { "attachment", NULL, '@', READ_ONLY, offsetof(block_device, attachment), ALWAYS, NULL, NULL },
};
static const model_property block_properties[] = {
    { "blockDeviceIdentifier", NULL, '@', READ_ONLY, offsetof(block_device, identifier), MACOS(12, 3), NULL, NULL },
};
const model_class model_vz_storage_device = { .name = "VZStorageDeviceConfiguration",
                                              .super = "NSObject",
                                              .size = sizeof(block_device),
                                              .flags = ABSTRACT,
                                              PROPERTIES(storage_properties) };
const model_class model_vz_block_device = { .name = "VZVirtioBlockDeviceConfiguration",
                                            .super = "VZStorageDeviceConfiguration",
                                            .size = sizeof(block_device),
                                            .flags = NO_PLAIN_INIT,
                                            METHODS(block_methods),
                                            PROPERTIES(block_properties) };

/* The image can have gone since it was attached. */
const char *vz_storage_problem(id object)
{
    attachment *it = (attachment *)((block_device *)object)->attachment;
    return access(model_path(it->url), it->read_only ? R_OK : R_OK | W_OK) == 0 ? NULL
                                                                                : "A disk image is not accessible.";
}
